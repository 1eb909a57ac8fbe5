// The least that Express can do: the baseline of the rows that have nothing to wait for.
import express from "express";

const reply = { id: "65f0c0ffee65f0c0ffee65f0", name: "Ada", email: "ada@example.com" };
express()
  .get("/", (_req, res) => {
    res.json(reply);
  })
  .listen(Number(process.env["PORT"]), "127.0.0.1");
