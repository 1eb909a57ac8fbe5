import { parse } from "yaml";
import { read } from "./repository.js";

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly hostname?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly interval: string };
  readonly [option: string]: unknown;
}

interface ComposeFile {
  readonly name?: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** A compose file of this repository, with its merge keys resolved. */
export const composeFile = (name = "docker-compose.yml"): ComposeFile => parse(read(name), { merge: true });
