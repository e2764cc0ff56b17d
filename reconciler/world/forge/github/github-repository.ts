/** As the routes of GitHub's API name it. */
export interface GithubRepository {
  readonly owner: string;
  readonly repo: string;
}

/** Of `owner/name`. */
export function githubRepository(name: string): GithubRepository {
  const [owner = '', repo = ''] = name.split('/');
  return { owner, repo };
}
