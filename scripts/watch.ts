import { FlowWatch, showEachSecond } from "./stack/flow_watch.js";
import { main } from "./stack/main.js";
import { upRecord } from "./stack/runtime_choice.js";
import { replicasOf, serviceNamed } from "./stack/services.js";

await main(
  async () => {
    const { replicas } = await upRecord();
    const watched = replicasOf(replicas, [serviceNamed("orders"), serviceNamed("notifications")]);
    const flow = new FlowWatch(watched.map(({ name, port }) => ({ name, url: `http://localhost:${port}` })));
    const time = () => new Date().toLocaleTimeString("en-GB");
    await showEachSecond(async () => `${time()}  ${await flow.line()}`, new AbortController().signal);
  },
  { untilStopped: true },
);
