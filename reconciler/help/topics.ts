/** Help by topic; made when it is asked for. */
export type Topics = Readonly<Record<string, () => string>>;
