/**
 * The receiving side's steps from attempt to attempt, as data. Only the receiving side retries, so this one table
 * covers a lost link, a restart of either side or of the component, and an accept while the sender is away.
 *
 * `edges[place][event]` is where it leads. What is not here changes nothing: most events cross others on the way.
 */
export const edges = {
  /** An accept or append is journaled and being said, or is to be said once we are logged in. */
  opening: {
    recorded: 'linking',
    /** The sending device is away: the component will say `ready` once. */
    senderAway: 'waiting',
    /** The component knows a later attempt than we: our journal is older than the truth. */
    behind: 'waiting',
    /** It could not be said: the stream or the component is away. It is said again, the same, after the login. */
    unsaid: 'opening',
    loggedIn: 'opening',
    pause: 'paused',
  },
  /** An attempt is open at the component, and we look for a link. */
  linking: {
    linked: 'moving',
    noLink: 'waiting',
    /** The other side says that nothing can come of this attempt. */
    voided: 'waiting',
    pause: 'paused',
  },
  /** Bytes move over a link. The stream of XMPP may come and go meanwhile. */
  moving: {
    proven: 'placing',
    broke: 'waiting',
    /** The other side stopped on purpose. */
    stopped: 'paused',
    /** A local fault, such as a full disk: trying again at once is of no use. */
    suspend: 'paused',
    pause: 'paused',
  },
  /** All blocks are proven; the file is given its name. */
  placing: { placed: 'placed', suspend: 'paused', broke: 'waiting' },
  /** Between two attempts. */
  waiting: {
    due: 'opening',
    ready: 'opening',
    loggedIn: 'opening',
    /** A word of the other device: it lives, so the wait need not be long. */
    lifeSign: 'waiting',
    giveUp: 'paused',
    pause: 'paused',
  },
  /** Stopped on purpose or for a local reason. */
  paused: { resume: 'opening', nudged: 'opening' },
  /** The file is in its place. */
  placed: {},
} as const

export type Edges = typeof edges
export type Place = keyof Edges
export type Word = { [P in Place]: keyof Edges[P] }[Place]
