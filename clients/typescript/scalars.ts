/** The scalars of the register as they travel in JSON. */

/** `Date`: a day, ISO 8601, such as `2026-07-05`. It has no zone: do not make a `Date` of it to show it. */
export type Day = `${number}-${number}-${number}`;

/** `DateTime`: a moment with its zone, RFC 3339, such as `2026-07-05T10:00:00+02:00`. */
export type Instant = `${Day}T${string}`;

/** The moment as the register takes it. */
export const instant = (at: Date): Instant => at.toISOString() as Instant;
