// Rows in each frame of the process that is killed.
export const FRAME_ROWS = 25
