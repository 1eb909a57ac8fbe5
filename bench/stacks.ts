/** What is compared, as a chart calls it and in its color. */
export const stacks = {
  order_flow: "Order Flow",
  fastify: "Fastify",
  fastapi: "FastAPI",
  nestjs: "NestJS",
  "express-naive": "tutorial Express",
};
export const colors = ["#0b7285", "#495057", "#868e96", "#adb5bd", "#ced4da"];
