import type { ErrorRequestHandler, RequestHandler } from "express";

// The requests of one turn of the event loop take each step together, and their responses go out in a burst. That saves a
// third of the CPU time of a refused body (docs/performance.md).

/** Passes a request on at the end of the turn, with the others that have come this far. */
export const endOfTurn: RequestHandler = (_req, _res, next) => void setImmediate(next);

/** Passes an error on likewise: the error responses of a turn go out together. */
export const errorsAtEndOfTurn: ErrorRequestHandler = (error, _req, _res, next) => void setImmediate(next, error);
