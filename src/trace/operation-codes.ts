// The codes of operations.ts, in a file of their own that the kernel's compiler reads as well.

export const GET = 0;
export const SET = 1;
export const DEL = 2;
export const INCR = 3;
export const EXPIRE = 4;
export const TOUCH = 5;
export const PERSIST = 6;
export const SETNX = 7;
export const SETXX = 8;
export const SETKEEP = 9;
