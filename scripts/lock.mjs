import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { say } from "./run-command.mjs";

const heartbeatSeconds = 5;
const silentAfterSeconds = 60;

/**
 * Does `work` while no other process that asks for the same lock file does. A lock whose owner is gone is
 * taken over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!(await acquire(file))) {
    if (!told) say("Another Sendgate set-up is running; waiting for it.");
    told = true;
    await wait(200);
  }
  const heartbeat = setInterval(() => {
    if (ownerOf(file) === process.pid) utimesSync(file, new Date(), new Date());
  }, heartbeatSeconds * 1000);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (ownerOf(file) === process.pid) rmSync(file, { force: true });
  }
}

/** @param {string} file */
async function acquire(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isAbandoned(file)) return false;
  // Several processes may see the same abandoned lock: each puts its own in its place, the last one has it.
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  renameSync(mine, file);
  await wait(300);
  return ownerOf(file) === process.pid;
}

/** @param {string} file */
function isAbandoned(file) {
  const owner = ownerOf(file);
  if (owner === null) return false;
  // A live process with the owner's number may be another one; the owner itself touches the file.
  const silentSeconds =
    (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())) / 1000;
  return silentSeconds > silentAfterSeconds || (owner !== 0 && !isAlive(owner));
}

/** @param {string} file @returns {number | null} 0 while its owner has not written it yet; null where it is free. */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/** @param {number} processId */
function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
