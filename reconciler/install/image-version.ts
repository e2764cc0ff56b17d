/** What is to be said of an image that another version is in, by its tag; undefined where the tag says this one, or there is none. */
export function otherImage(image: string, version: string): string | undefined {
  const tag = /:([^/:@]+)(@|$)/.exec(image)?.[1];
  if (tag === undefined || tag === version || tag === `v${version}`) return undefined;
  return `The image ${image} is not called after version ${version}, which installs it: name the image of this version in installation.image, or by --image.`;
}
