/** So little is left: a fail. So little: no pass. Shares of the least in the hours before. */
export const gone = 0.1;
export const less = 0.6;
/** If the rest of the mesh has lost so much too, it is not the release. */
export const restLost = 0.5;
