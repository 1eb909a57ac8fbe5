import { Router } from "express";
import swaggerUi from "swagger-ui-express";
import { methodNotAllowed, unknownRoute } from "./errors.js";
import { documentationPolicy } from "./security.js";

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
  // Swagger UI's own; its files' server would answer 404 in a form of its own.
  router.use("/docs/package.json", unknownRoute);
  // Not `serve`: that keeps its settings in the module, shared by all apps of a process.
  router.use("/docs", documentationPolicy(), swaggerUi.serveFiles(undefined, options));
  router.route("/docs").get(swaggerUi.setup(undefined, options)).all(methodNotAllowed("GET", "HEAD"));
  return router;
}
