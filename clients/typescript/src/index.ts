/**
 * Typed client of the admin API of stunt-double.
 *
 * ```ts
 * const admin = createAdmin({ url: "http://127.0.0.1:8000" });
 * const { data } = await admin.GET("/endpoints", { params: { query: { search: "users" } } });
 * const double = new StuntDouble({ url: "http://127.0.0.1:8000" });
 * await double.verify({ match: { method: "POST", path: "/orders" }, exactly: 1 });
 * ```
 */

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

/** Types of the admin's documents, by their names. */
export type Schemas = components["schemas"];

/** Where a double is, and who asks. */
export interface Place {
  /** Base URL of the double: `http://127.0.0.1:8000`. */
  url: string;
  /** Path prefix of its admin; `/admin` unless given. */
  adminPrefix?: string;
  /** Bearer token of its admin. */
  token?: string;
}

/** Every route of the admin, typed. */
export type Admin = Client<paths>;

/** A client of every route of the admin. */
export function createAdmin({ url, adminPrefix = "/admin", token }: Place): Admin {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return createClient<paths>({ baseUrl: `${url.replace(/\/+$/, "")}${adminPrefix}`, headers });
}

/** What the admin refused, with its problem document (RFC 9457). */
export class AdminError extends Error {
  constructor(
    readonly status: number,
    readonly problem: unknown,
  ) {
    const detail = (problem as { detail?: unknown } | undefined)?.detail;
    super(`the admin answers ${status}: ${typeof detail === "string" ? detail : ""}`);
    this.name = "AdminError";
  }
}

/** What tests ask of a double most often; for the rest there is {@link StuntDouble.admin}. */
export class StuntDouble {
  readonly admin: Admin;

  constructor(place: Place) {
    this.admin = createAdmin(place);
  }

  /** Waits until everything received so far is learned, published and stored. */
  async flush(): Promise<void> {
    settled(await this.admin.POST("/flush"));
  }

  /** Says who answers, for everybody. */
  async setMode(mode: Schemas["Mode"]): Promise<void> {
    settled(await this.admin.PATCH("/settings", { body: { mode } as Schemas["SettingsChange"] }));
  }

  /** The endpoints that were learned. */
  async endpoints(search?: string) {
    const query = search === undefined ? {} : { search };
    return settled(await this.admin.GET("/endpoints", { params: { query } })).items;
  }

  /** How often something happened; it throws an {@link AdminError} with 417 when not so. */
  async verify(wanted: Verification): Promise<number> {
    const body = wanted as Schemas["VerificationForm"];
    return settled(await this.admin.POST("/requests/verify", { body })).count;
  }
}

/** What is to have happened: conditions on exchanges, and how often. */
export interface Verification {
  match: Record<string, string | number>;
  exactly?: number;
  at_least?: number;
  at_most?: number;
  within_ms?: number;
}

function settled<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined || !answer.response.ok) {
    throw new AdminError(answer.response.status, answer.error);
  }
  return answer.data;
}
