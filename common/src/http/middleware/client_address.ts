import type { Request } from "express";

/** `req.ip` without the port that some proxies add, and an IPv4 address in its own form (RFC 4291, section 2.5.5.2). */
export const clientIp = ({ ip = "" }: Request): string =>
  ip
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
    .replace(/^::ffff:(?=[\d.]+$)/i, "");
