/** Why a connection was cut: the program stops. */
export class ShutdownError extends Error {}
