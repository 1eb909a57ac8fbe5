import type { RequestHandler, Response } from "express";

declare global {
  namespace Express {
    interface Locals {
      clientAddress: string;
    }
  }
}

/** Notes who calls, as far as `TRUST_PROXY` lets it be known: Express works that out again at each look at `req.ip`. */
export const clientAddress: RequestHandler = (req, res, next) => {
  // A socket for both kinds of addresses has those of IPv4 in the form of IPv6 (RFC 4291, section 2.5.5.2).
  res.locals.clientAddress = (req.ip ?? "").replace(/^::ffff:(?=[\d.]+$)/, "");
  next();
};

/** The address of the client that `res` answers; empty if it was gone at once. */
export const clientAddressOf = (res: Response): string => res.locals.clientAddress;
