import { requestIdOf } from "@order-flow/common/http/middleware/request_id.js";
import type { RequestHandler } from "express";
import { matchedData } from "express-validator";
import { orderCreateBody } from "../schemas/order.js";
import type { OrderQuery, OrderService } from "../services/order_service.js";

/** HTTP on one side, `OrderService` on the other. What comes in was validated by the route. */
export const createOrderController = (orders: OrderService) =>
  ({
    place: async (req, res) => {
      const options = { requestId: requestIdOf(res), idempotencyKey: req.get("Idempotency-Key") };
      const { order, replayed } = await orders.place(orderCreateBody.validated(req), options);
      res.locals.logFields = { order_id: order.id };
      if (replayed) res.set("Idempotency-Replayed", "true");
      res.status(201).location(`/orders/${order.id}`).json(order);
    },

    get: async (req, res) => {
      res.json(await orders.get(String(req.params["id"])));
    },

    list: async (req, res) => {
      res.json(await orders.list(matchedData<OrderQuery>(req, { locations: ["query"] })));
    },
  }) satisfies Record<string, RequestHandler>;
