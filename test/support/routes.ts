import type { Express, Router } from "express";

/** Every route of an app and of the routers in it, as `get /path`; those that answer whatever is left are no routes. */
export const routesOf = (app: Express): string[] => [...new Set(routesIn(app.router))];

function routesIn({ stack }: Pick<Router, "stack">): string[] {
  return stack.flatMap(({ route, handle }) => {
    // A router is a function with a stack.
    if (!route) return "stack" in handle && isRouter(handle) ? routesIn(handle) : [];
    // One of `all` has no method.
    return route.stack.flatMap(({ method }) => (method ? [`${method} ${route.path}`] : []));
  });
}

const isRouter = (handle: object): handle is Pick<Router, "stack"> => "stack" in handle && Array.isArray(handle.stack);
