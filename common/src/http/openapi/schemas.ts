import { fieldPlaces } from "../errors/problem.js";
import { requestIdPattern } from "../middleware/request_id.js";
import { maxErrors } from "../validation/validation.js";

export const requestIdExample = "e2f8d5de-364a-4b10-a029-73fe6e770b89";

const text = (description: string, example: string) => ({ type: "string", description, examples: [example] });

/** Of a problem document (RFC 9457). */
const members = {
  type: { type: "string", const: "about:blank" },
  title: text("What the status means", "Unprocessable Entity"),
  status: { type: "integer", minimum: 400, maximum: 599, examples: [422] },
  detail: text("What is wrong", "The request is not valid; see errors."),
  instance: { ...text("The path asked for", "/orders"), format: "uri-reference" },
  request_id: { ...text("Finds the request in the log", requestIdExample), pattern: requestIdPattern },
};

/** The schema of an object that has exactly these members. */
export const strictObject = (properties: object) => ({
  type: "object",
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});

const fieldError = strictObject({
  in: { type: "string", enum: fieldPlaces },
  field: text("In a body a JSON Pointer, elsewhere the name", "/items/0/quantity"),
  message: text("What would be right", "must be an integer from 1 to 1000000"),
});
const checks = { $ref: "#/components/schemas/Checks" };

export const commonSchemas = {
  Problem: strictObject(members),
  Invalid: strictObject({
    ...members,
    errors: { type: "array", minItems: 1, maxItems: maxErrors, items: fieldError },
  }),
  NotReady: strictObject({ ...members, checks }),
  Health: strictObject({ status: { type: "string", const: "ok" } }),
  Ready: strictObject({ status: { type: "string", const: "ready" }, checks }),
  Checks: {
    type: "object",
    description: "How each thing is that the service needs, with figures for the operator",
    additionalProperties: {
      type: "object",
      required: ["status"],
      properties: { status: { type: "string", enum: ["up", "down"] }, reason: { type: "string" } },
    },
    examples: [{ mongodb: { status: "up" } }],
  },
};
