import { keepSpans } from "./kept_spans.js";
import { createReceiver } from "./receiver.js";

createReceiver(keepSpans).listen(Number(process.argv[2]), "127.0.0.1");
