import { parentPort, workerData } from "node:worker_threads";
import bcrypt from "bcryptjs";

const { seconds, rounds } = workerData;
const start = performance.now();
let hashes = 0;
for (; performance.now() - start < seconds * 1_000; hashes += 1) bcrypt.hashSync("correct horse battery", rounds);
parentPort?.postMessage((hashes * 1_000) / (performance.now() - start));
