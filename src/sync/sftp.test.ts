import { createHash } from "node:crypto";
import { afterAll, afterEach, describe, expect, inject, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import type { GrowthosError } from "../base/errors.js";
import { hmac256 } from "../base/hash.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { type SftpSourceOptions, sftpOptions } from "../connectors/sftp/options.js";
import { credentialsOf } from "../connectors/sftp/sign-ins.js";
import { type SftpDouble, type SftpDoubleOptions, sftpDouble } from "../testing/doubles/sftp.js";
import { faultyFiles } from "../testing/faults/faulty-files.js";
import { partOf, payloads } from "../testing/imports.js";
import { workbook } from "../testing/workbook.js";
import { freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { openWorkspace, readSalt } from "../warehouse/layout.js";
import { readState, recover } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";
import { planSftp, type SftpSourceContext, sftpSource } from "./sftp.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(removeFolders);

const AT = Date.parse("2026-02-09T06:00:00Z");

async function world(written: object, setup: SftpDoubleOptions = {}) {
  const double = await sftpDouble(setup);
  closing.push(double.close);
  const projectRoot = freshFolder();
  const ws = await freshWorkspace(projectRoot);
  const context = (more: Partial<SftpSourceContext> = {}): SftpSourceContext => ({
    ws,
    options: optionsFor(double, written),
    credentials: credentialsOf(double.secrets),
    shop: { currency: "EUR", timeZone: "Europe/Berlin" },
    pii: "hash",
    timeoutMinutes: 5,
    clock: fixedClock(AT),
    random: systemRandom,
    log: silentLog,
    toolVersion: "test",
    configHash: "test",
    ...more,
  });
  const sync = (more?: Partial<SftpSourceContext>) =>
    sftpSource(context(more)).land({ runId: "run", signal: new AbortController().signal });
  return { double, ws, context, sync, projectRoot };
}

function optionsFor(double: SftpDouble, written: object): SftpSourceOptions {
  return sftpOptions.parse({ ...double.options, ...written });
}

const refusal = async (action: Promise<unknown>): Promise<GrowthosError> =>
  action.then(
    () => Promise.reject(new Error("nothing was refused")),
    (thrown: GrowthosError) => thrown,
  );

const reads = (double: SftpDouble) =>
  double.asked.filter((line) => line.startsWith("OPEN ")).map((line) => line.slice(5));
const landed = (ws: Workspace) =>
  readState(ws).parts.map(({ source, stream, origin }) => `${source}.${stream} ${String(origin["file"])}`);

const SPEND = { drops: [{ folder: "/out", pattern: "spend*", as: "spend" }] };
const spend = (amount: number) => `date,cost\n2026-02-01,${amount}\n`;
const USERS = [
  "USER_ID",
  "Name",
  "CUSTOMER_NAME",
  "CUSTOMER_ERP_ID",
  "EMAIL",
  "OFFICE_PHONE",
  "CELL_PHONE",
  "IS_ACTIVE",
];

describe("lists of users and locations", () => {
  it("are read from workbooks, each time as a whole, with personal data hashed", async () => {
    const masterData = {
      users: "UserReport.xlsx",
      locations: { path: "/lists/Locations_List.xlsx", sheet: "Locations" },
    };
    const { double, ws, sync } = await world({ masterData });
    const ana = ["007", "Ana", "Acme", "0042", "Ana@Example.com ", "+1 555", "+1 556", "true"];
    double.put("UserReport.xlsx", workbook([{ name: "Sheet1", rows: [USERS, ana] }]));
    const place = [
      ["WAREHOUSE_ID", "LOCATION_NAME", "STATE/PROVINCE", "ZIP_CODE"],
      [3, "North", "ON", "00501"],
    ];
    double.put(
      "/lists/Locations_List.xlsx",
      workbook([
        { name: "About", rows: [] },
        { name: "Locations", rows: place },
      ]),
    );
    expect(await sync()).toEqual({ rows: 2, warnings: [] });
    const salt = readSalt(ws);
    expect(await payloads(ws, "users")).toMatchObject([
      {
        user_id: "007",
        user_name: hmac256(salt, "ana"),
        company_name: "Acme",
        company_erp_id: "0042",
        email: hmac256(salt, "ana@example.com"),
        cell_phone: hmac256(salt, "+1 556"),
        is_active: "true",
      },
    ]);
    expect(await payloads(ws, "locations")).toMatchObject([
      { location_id: "3", location_name: "North", state: "ON", zip: "00501" },
    ]);
    expect(partOf(ws, "users")).toMatchObject({ source: "sftp", supersession: "full" });
  });

  it("say clearly which of them is missing, and read the other", async () => {
    const { double, ws, sync } = await world({ masterData: { users: "/nowhere.csv", locations: "/l.csv" } });
    double.put("/l.csv", "WAREHOUSE_ID;CITY\n1;Köln\n");
    const { rows, failure } = await sync();
    expect(rows).toBe(1);
    expect(failure?.parts).toMatchObject({ what: 'there is no "/nowhere.csv" on the SFTP server', exit: "source" });
    expect(failure?.parts.hint).toContain("case-sensitive");
    expect(landed(ws)).toEqual(["sftp.locations sftp:/l.csv"]);
  });

  it.each([
    ["UTF-8 with a mark", Buffer.from("\uFEFFWAREHOUSE_ID;CITY\n1;Köln\n"), {}],
    ["UTF-16", Buffer.from("\uFEFFWAREHOUSE_ID;CITY\n1;Köln\n", "utf16le"), {}],
    ["Windows-1252, declared", Buffer.from("WAREHOUSE_ID;CITY\n1;Köln\n", "latin1"), { encoding: "windows-1252" }],
  ])("are read as %s", async (_, bytes, how) => {
    const { double, ws, sync } = await world({ masterData: { locations: { path: "/l.csv", ...how } } });
    double.put("/l.csv", bytes);
    expect(await sync()).toEqual({ rows: 1, warnings: [] });
    expect(await payloads(ws, "locations")).toMatchObject([{ location_id: "1", city: "Köln" }]);
  });

  it("in an undeclared Windows-1252 are refused with what to write", async () => {
    const { double, sync } = await world({ masterData: { locations: "/l.csv" } });
    double.put("/l.csv", Buffer.from("WAREHOUSE_ID;CITY\n1;Köln\n", "latin1"));
    const { failure } = await sync();
    expect(failure?.code).toBe("FILE_NOT_UTF8");
    expect(failure?.parts.hint).toContain('encoding: "windows-1252"');
  });
});

describe("a drop folder", () => {
  it("is imported once; the same content is not taken again, other content under the same name wins", async () => {
    const { double, ws, context, sync } = await world(SPEND);
    double.put("/out/spend-2.csv", spend(5), { modified: 100 });
    double.put("/out/notes.txt", "not ours");
    expect((await planSftp(context())).map(({ name, because }) => [name, because])).toEqual([
      ["sftp:/out/spend-2.csv", "new"],
    ]);
    expect(await sync()).toEqual({ rows: 1, warnings: [] });
    expect(await sync()).toEqual({ rows: 0, warnings: [] });
    expect(reads(double)).toEqual(["/out/spend-2.csv"]);
    // Delivered again: another time, then another name, the same bytes.
    double.put("/out/spend-2.csv", spend(5), { modified: 200 });
    double.put("/out/spend-3.csv", spend(5), { modified: 200 });
    expect(await sync()).toEqual({ rows: 0, warnings: [] });
    expect((await planSftp(context())).map(({ because }) => because)).toEqual(["unchanged", "same_content"]);
    double.put("/out/spend-2.csv", spend(7), { modified: 300 });
    expect((await planSftp(context())).map(({ because }) => because)).toEqual(["changed", "same_content"]);
    expect((await sync()).rows).toBe(1);
    expect(await payloads(ws, "spend")).toMatchObject([{ spend: "7" }]);
    expect(landed(ws)).toEqual(["files.spend sftp:/out/spend-2.csv", "files.spend sftp:/out/spend-2.csv"]);
  });

  it("is left alone while a file grows, and takes it with the next sync", async () => {
    const { double, ws, sync } = await world(SPEND);
    double.put("/out/spend.csv", spend(5));
    let looks = 0;
    double.onRequest((name) => {
      if (name === "OPENDIR" && ++looks === 2) double.put("/out/spend.csv", `${spend(5)}2026-02-02,6\n`);
    });
    const first = await sync();
    expect(first).toEqual({
      rows: 0,
      warnings: ["sftp:/out/spend.csv: is still being written; the next sync takes it"],
    });
    expect(reads(double)).toEqual([]);
    expect((await sync()).rows).toBe(2);
    expect(landed(ws)).toHaveLength(1);
  });

  it("takes a file whose marker is there, at once; others wait, with the reason", async () => {
    const { double, sync } = await world({ drops: [{ folder: "/out/", as: "spend", done: ".done" }] });
    double.put("/out/a.csv", spend(1));
    double.put("/out/a.csv.done", "");
    double.put("/out/b.csv", spend(2));
    expect(await sync()).toEqual({ rows: 1, warnings: ['sftp:/out/b.csv: waits for "b.csv.done"'] });
    expect(double.asked.filter((line) => line === "OPENDIR /out/")).toHaveLength(1);
  });

  it("refuses links and hostile names, and does not see unfinished uploads", async () => {
    const { double, sync } = await world({ drops: [{ folder: "/out", as: "spend" }] });
    double.link("/out/link.csv");
    double.put("/out/a\u0007b\u001b[2J.csv", spend(1));
    double.put("/out/a\\evil.csv", spend(1));
    double.put("/out/x.csv.part", spend(1));
    double.put("/out/.hidden.csv", spend(1));
    const { rows, warnings } = await sync();
    expect(rows).toBe(0);
    expect(warnings).toHaveLength(3);
    expect(warnings.join("\n")).toContain("sftp:/out/link.csv: is a link");
    expect(warnings.join("\n")).toContain("a?b?[2J.csv: has a name or a size that is refused");
    expect(reads(double)).toEqual([]);
  });

  it("imports the good files beside a bad one, and tells", async () => {
    const { double, ws, sync } = await world(SPEND);
    double.put("/out/spend-1.csv", "when,what\n1,2\n");
    double.put("/out/spend-2.csv", spend(2));
    const { rows, failure } = await sync();
    expect({ rows, code: failure?.code, exit: failure?.parts.exit }).toEqual({
      rows: 1,
      code: "FILE_COLUMN_MISSING",
      exit: "badData",
    });
    expect(failure?.parts.state).toBe("1 other file is committed");
    expect(landed(ws)).toEqual(["files.spend sftp:/out/spend-2.csv"]);
  });

  it("tells how to look at a file that is not recognised", async () => {
    const { double, sync } = await world({ drops: [{ folder: "/out" }] });
    double.put("/out/x.csv", "foo,bar\n1,2\n");
    const { warnings } = await sync();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("download the file and run `growthos files inspect` on it");
  });

  it("moves what is committed where the config says, also after a crash between the two, and never over another file", async () => {
    const drops = [{ folder: "/out", as: "spend", after: { moveTo: "/out/done" } }];
    const { double, sync } = await world({ drops }, { mayRename: true });
    double.put("/out/done/x", "");
    double.put("/out/bad.csv", "when,what\n1,2\n");
    double.put("/out/spend.csv", spend(5), { modified: 100 });
    const first = await sync();
    expect({ rows: first.rows, code: first.failure?.code }).toEqual({ rows: 1, code: "FILE_COLUMN_MISSING" });
    expect(double.read("/out/done/spend.csv")?.toString()).toBe(spend(5));
    expect(double.read("/out/bad.csv")).toBeDefined();
    double.remove("/out/bad.csv");
    // As after a crash: committed, and still there.
    double.put("/out/spend.csv", spend(5), { modified: 100 });
    expect(await sync()).toEqual({ rows: 0, warnings: [] });
    expect(double.read("/out/done/spend.csv.100")?.toString()).toBe(spend(5));
    expect(double.read("/out/spend.csv")).toBeUndefined();
  });

  it("keeps the file and says so when the server does not let it be moved", async () => {
    const { double, sync } = await world({ drops: [{ folder: "/out", as: "spend", after: { moveTo: "/out/done" } }] });
    double.put("/out/spend.csv", spend(5));
    const { rows, warnings } = await sync();
    expect({ rows, warnings: warnings.length }).toEqual({ rows: 1, warnings: 1 });
    expect(warnings[0]).toContain("is imported, but was not moved to /out/done");
  });
});

describe("a server that misbehaves", () => {
  it("that cuts the connection in a file is asked for the rest of it", async () => {
    const { double, ws, sync } = await world(SPEND);
    const content = `date,cost\n${"2026-02-01,1\n".repeat(30_000)}`;
    double.put("/out/spend.csv", content);
    double.fail("cut", { after: 10 });
    expect((await sync()).rows).toBe(30_000);
    expect(landed(ws)).toHaveLength(1);
    const [part] = readState(ws).parts;
    expect(part?.origin["file_sha256"]).toBe(createHash("sha256").update(content).digest("hex"));
    expect(double.signedIn()).toBe(2);
    expect(double.served()).toBeLessThan(1.5 * content.length);
  });

  it("that lies about a size fails that file only", async () => {
    const { double, ws, sync } = await world(SPEND);
    double.put("/out/spend-1.csv", spend(1), { claims: 500 });
    double.put("/out/spend-2.csv", spend(2), { claims: 3 });
    double.put("/out/spend-3.csv", spend(3));
    const { rows, failure, warnings } = await sync();
    expect({ rows, code: failure?.code }).toEqual({ rows: 1, code: "NETWORK" });
    expect(warnings).toEqual(["sftp:/out/spend-2.csv: changed while it was read; the next sync takes it"]);
    expect(landed(ws)).toEqual(["files.spend sftp:/out/spend-3.csv"]);
  });

  it("with a file above the limit fails that file only", async () => {
    const { double, sync } = await world(SPEND);
    double.put("/out/spend-1.csv", spend(1).padEnd(200));
    double.put("/out/spend-2.csv", spend(2));
    const { rows, failure } = await sync({ limits: { maxFileBytes: 100 } });
    expect(rows).toBe(1);
    expect(failure?.parts.why).toContain("200 bytes, more than 100");
  });

  it("without a pinned key is not signed in to; the key that it shows is told with the line to add", async () => {
    const { double, sync } = await world({ ...SPEND, hostKey: undefined });
    const { code, parts } = await refusal(sync());
    expect({ code, exit: parts.exit }).toEqual({ code: "SFTP_HOST_KEY", exit: "usage" });
    expect(parts.hint).toContain(`hostKey: "${double.fingerprint}"`);
    expect(double.signedIn()).toBe(0);
  });

  it("with another key than the pinned one gets no credential", async () => {
    const { double, sync } = await world({ ...SPEND, hostKey: `SHA256:${"A".repeat(43)}` });
    const { code, parts } = await refusal(sync());
    expect(code).toBe("NETWORK_REFUSED");
    expect(parts.state).toBe("no credential was sent and nothing was read");
    expect(double.signedIn()).toBe(0);
  });

  it("that refuses the password ends with exit auth; a key with its passphrase signs in", async () => {
    const { double, sync } = await world(SPEND);
    double.put("/out/spend.csv", spend(1));
    const wrong = credentialsOf({ password: double.keySecrets["passphrase"] });
    expect((await refusal(sync({ credentials: wrong }))).parts.exit).toBe("auth");
    expect((await sync({ credentials: credentialsOf(double.keySecrets) })).rows).toBe(1);
  });
});

describe("a crash", () => {
  /** Ends the process before the mutating call `at`, then goes on as the next run does. */
  async function struckAt(at: number) {
    const { double, ws, sync, projectRoot } = await world(SPEND);
    double.put("/out/spend.csv", spend(5));
    const faulty = faultyFiles(diskFiles, { at, mode: "before" });
    const struck = openWorkspace({ projectRoot, name: "shop", files: faulty.files });
    await sync({ ws: struck }).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(Error));
    const [calls, before] = [faulty.calls, landed(ws).length];
    recover(ws);
    await sync();
    return { calls, before, after: landed(ws), spend: (await payloads(ws, "spend")).map((row) => row["spend"]) };
  }

  it("around the commit loses nothing and imports nothing twice", async () => {
    const { calls } = await struckAt(0);
    const commits = calls.flatMap((call, index) => (call.startsWith("link ") ? [index + 1] : []));
    expect(commits).toHaveLength(2);
    const [imported = 0, seen = 0] = commits;
    const ended = { after: ["files.spend sftp:/out/spend.csv"], spend: ["5"] };
    expect(await struckAt(imported)).toMatchObject({ before: 0, ...ended });
    expect(await struckAt(imported + 1)).toMatchObject({ before: 1, ...ended });
    expect(await struckAt(seen)).toMatchObject({ before: 1, ...ended });
  });

  // `npm run test:faults` strikes every call, the usual run a few of them.
  it("at any write loses nothing and imports nothing twice", { timeout: 600_000 }, async () => {
    const { calls } = await struckAt(0);
    for (let at = 1; at <= calls.length; at += inject("faultStride")) {
      const { after, spend: found } = await struckAt(at);
      expect({ at, after, found }).toEqual({ at, after: ["files.spend sftp:/out/spend.csv"], found: ["5"] });
    }
  });
});

describe("the options", () => {
  const problems = (written: object) =>
    sftpOptions.safeParse({ host: "h", user: "u", ...written }).error?.issues.map(({ message }) => message) ?? [];

  it("say what is wrong with them", () => {
    expect(problems({})[0]).toContain("reads nothing yet");
    expect(problems({ drops: [{ folder: "/a/../b" }] })[0]).toContain('".."');
    expect(problems({ drops: [{ folder: "/a", pattern: "b/*.csv" }] })[0]).toContain("names, not paths");
    expect(problems({ drops: [{ folder: "/a", encoding: "windows-1252" }] })[0]).toContain("`as`");
    expect(problems({ drops: [{ folder: "/a", as: "spend", columns: { cost: "x" } }] })[0]).toContain(
      "no field of spend".slice(3),
    );
    expect(problems({ drops: [{ folder: "/a" }], hostKey: "SHA256:abc" })[0]).toContain("43 characters");
    expect(problems({ drops: [{ folder: "/a" }], host: "sftp://h" })[0]).toContain("without sftp://");
    expect(problems({ drops: [{ folder: "/a" }] })).toEqual([]);
  });
});
