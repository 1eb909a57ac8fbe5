import { Router } from "express";
import swaggerUi from "swagger-ui-express";
import { methodNotAllowed } from "./errors.js";

/** `/openapi.json`, and Swagger UI for it at `/docs`. */
export function docsRoutes(document: object): Router {
  const router = Router();
  router
    .route("/openapi.json")
    .get((_req, res) => {
      res.json(document);
    })
    .all(methodNotAllowed("GET", "HEAD"));
  const options = {
    swaggerUrl: "/openapi.json",
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true },
  };
  // Not `serve`: that keeps its settings in the module, shared by all apps of a process.
  router.use("/docs", swaggerUi.serveFiles(undefined, options), swaggerUi.setup(undefined, options));
  return router;
}
