// A double for the time of a task: the binary on a free port, in front of its sample backend.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../../target/debug/stunt-double", import.meta.url));

/** Starts a double; `STUNT_DOUBLE` names the binary, by default the debug build of this tree. */
export async function startDouble(args = []) {
  const child = spawn(
    process.env.STUNT_DOUBLE ?? built,
    ["demo", "--listen", "127.0.0.1:0", "--latency-scale", "0", "--seed", "7", ...args],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const failed = once(child, "error").then(([error]) => {
    throw error;
  });
  const lines = createInterface({ input: child.stdout });
  const ready = (async () => {
    let url;
    for await (const line of lines) {
      url ??= /listening on (\S+)/.exec(line)?.[1];
      // The last line of the tour: all of its traffic is learned.
      if (line.startsWith("Stop with")) return url;
    }
    throw new Error("the double ended before it was ready");
  })();
  const url = await Promise.race([ready, failed]);
  child.stdout.resume();
  const stop = async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return { url, stop };
}
