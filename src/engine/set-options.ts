/** A TTL argument that means "no TTL". */
export const NEVER = Infinity;

/** Which keys a SET may write, and what becomes of a TTL. */
export const SET_ALWAYS = 0;
export const SET_IF_ABSENT = 1;
export const SET_IF_PRESENT = 2;
export const SET_KEEPING_TTL = 3;
export type SetMode = 0 | 1 | 2 | 3;
