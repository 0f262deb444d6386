/** Longest undo of a reply, in seconds; one that is to wait longer names the instant. */
export const UNDO_SECONDS_MAX = 300;
