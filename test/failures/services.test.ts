import { after, before, test } from "node:test";
import { Fleet } from "../../scripts/chaos/fleet.js";
import type { ServiceProcess } from "../../scripts/chaos/service_process.js";
import { testFolder } from "../../scripts/runtime/servers.js";
import { accepts, losesNothing } from "./experiment.js";

let fleet: Fleet;

before(async () => {
  fleet = await Fleet.start({ replicas: 2, folder: testFolder("failures_services") });
});

after(async () => {
  await fleet.remove();
});

const turn = (processes: readonly ServiceProcess[], number: number): ServiceProcess => {
  const service = processes[number % processes.length];
  if (!service) throw new Error("no process");
  return service;
};

test("When orders_service is killed again and again, then every accepted order is printed once", (t) =>
  losesNothing(t, fleet, async (load) => {
    for (let kills = 0; kills < 8; kills += 1) {
      await accepts(load, 7 * kills);
      await turn(fleet.orders, kills).kill();
      await turn(fleet.orders, kills).start();
    }
  }));

test("When notifications_service is killed again and again, then every order is printed, twice only if announced", (t) =>
  losesNothing(
    t,
    fleet,
    async (load) => {
      for (let kills = 0; kills < 8; kills += 1) {
        await accepts(load, 7 * kills);
        await turn(fleet.notifications, kills).kill();
        await turn(fleet.notifications, kills).start();
      }
    },
    { mayRepeat: true },
  ));

test("When an orders_service and a notifications_service are killed at once, then every order is printed", (t) =>
  losesNothing(
    t,
    fleet,
    async (load) => {
      for (let kills = 0; kills < 4; kills += 1) {
        const pair = [turn(fleet.orders, kills), turn(fleet.notifications, kills)];
        await Promise.all(pair.map((service) => service.kill()));
        await accepts(load, 10);
        await Promise.all(pair.map((service) => service.start()));
      }
    },
    { mayRepeat: true },
  ));

test("When each service is stopped with SIGTERM under load and started again, then every order is printed once", (t) =>
  losesNothing(t, fleet, async (load) => {
    for (const service of fleet.services) {
      await accepts(load, 20);
      await service.stop();
      await service.start();
    }
  }));

test("When two of each service run side by side, then they share the work and print every order once", (t) =>
  losesNothing(t, fleet, (load) => accepts(load, 500)));
