import { methodNotAllowed } from "@order-flow/common/http/errors.js";
import { jsonBody } from "@order-flow/common/http/json_body.js";
import { noStore } from "@order-flow/common/http/no_store.js";
import { pathId } from "@order-flow/common/http/object_id.js";
import { pageParameters, pageRules } from "@order-flow/common/http/page.js";
import { validate } from "@order-flow/common/http/validation.js";
import { Router } from "express";
import { createOrderController } from "../controllers/order_controller.js";
import type { OrderService } from "../services/order_service.js";
import { idempotencyKey, newOrder, userIdFilter } from "./order_rules.js";

/** The paths of orders. */
export function orderRoutes(orders: OrderService): Router {
  const router = Router();
  const controller = createOrderController(orders);
  router.use(noStore);

  /**
   * @openapi
   * /orders:
   *   post:
   *     summary: Place an order
   *     description: >-
   *       201 means that the order is stored and its message will reach the queue, whatever fails next. With an
   *       Idempotency-Key the call can be repeated: the same key with the same body gives the same order.
   *     operationId: placeOrder
   *     tags: [orders]
   *     parameters:
   *       - { $ref: '#/components/parameters/IdempotencyKey' }
   *     requestBody:
   *       required: true
   *       content:
   *         application/json:
   *           schema: { $ref: '#/components/schemas/NewOrder' }
   *     responses:
   *       201:
   *         description: The order is stored
   *         headers:
   *           Location: { $ref: '#/components/headers/Location' }
   *           Idempotency-Replayed: { $ref: '#/components/headers/IdempotencyReplayed' }
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/Order' }
   */
  router.post("/orders", jsonBody, validate({ fields: [newOrder(), idempotencyKey()] }), controller.place);

  /**
   * @openapi
   * /orders:
   *   get:
   *     summary: List orders, newest first
   *     operationId: listOrders
   *     tags: [orders]
   *     parameters:
   *       - { $ref: '#/components/parameters/UserId' }
   *       - { $ref: '#/components/parameters/Limit' }
   *       - { $ref: '#/components/parameters/Cursor' }
   *     responses:
   *       200:
   *         description: A page of orders
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/OrderPage' }
   */
  router.get(
    "/orders",
    validate({ fields: [userIdFilter(), ...pageRules()], query: ["user_id", ...pageParameters] }),
    controller.list,
  );
  router.all("/orders", methodNotAllowed("GET", "HEAD", "POST"));

  /**
   * @openapi
   * /orders/{id}:
   *   parameters:
   *     - { $ref: '#/components/parameters/Id' }
   *   get:
   *     summary: Get an order
   *     operationId: getOrder
   *     tags: [orders]
   *     responses:
   *       200:
   *         description: The order
   *         content:
   *           application/json:
   *             schema: { $ref: '#/components/schemas/Order' }
   *       404: { $ref: '#/components/responses/NotFound' }
   */
  router.get("/orders/:id", validate({ fields: [pathId()] }), controller.get);
  router.all("/orders/:id", methodNotAllowed("GET", "HEAD"));
  return router;
}
