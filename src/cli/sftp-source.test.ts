import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type DoctorProject, doctorProject, stillClock } from "../testing/doctor-project.js";
import { type SftpDouble, sftpDouble } from "../testing/doubles/sftp.js";
import { removeFolders } from "../testing/workspace.js";

// The SFTP source as a new user meets it: the real commands against a real server.

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(removeFolders);

const clock = stillClock(Date.parse("2026-02-09T20:00:00Z"));
const READS = { masterData: { users: "/users.csv" }, drops: [{ folder: "/out", as: "spend" }] };

async function server(other: object = {}): Promise<{ double: SftpDouble; project: DoctorProject; password: string }> {
  const double = await sftpDouble();
  double.put("/users.csv", "USER_ID,EMAIL\n1,a@example.com\n");
  double.put("/out/spend.csv", "date,cost\n2026-02-01,5\n");
  const sftp = JSON.parse(JSON.stringify({ ...double.options, ...READS, ...other }));
  const project = doctorProject([], { sources: { sftp } });
  closing.push(double.close, project.close);
  return { double, project, password: double.secrets["password"]?.reveal() ?? "" };
}

describe("sync of an SFTP server", () => {
  it("says what it would read and why, reads it, and knows it afterwards", async () => {
    const { project, password } = await server();
    project.credentials({ SFTP_PASSWORD: password });
    const plan = async () => {
      const { stdout } = await project.run(["sync", "--dry-run", "--json", "--source", "sftp"], { clock });
      const { sftp } = JSON.parse(stdout) as { sftp: readonly { name: string; because: string }[] };
      return sftp.map(({ name, because }) => `${name} ${because}`);
    };
    expect(await plan()).toEqual(["sftp:/users.csv new", "sftp:/out/spend.csv new"]);
    const done = await project.run(["sync", "--source", "sftp"], { clock });
    expect(done.exit).toBe(0);
    expect(done.stdout).toMatch(/sftp +completed +2 /);
    expect(await plan()).toEqual(["sftp:/users.csv unchanged", "sftp:/out/spend.csv unchanged"]);
  });

  it("without a pinned key prints the line to add, and ends as a mistake of the config", async () => {
    const { double, project, password } = await server({ hostKey: undefined });
    project.credentials({ SFTP_PASSWORD: password });
    for (const argv of [["sync"], ["sync", "--dry-run"]]) {
      const { exit, stderr } = await project.run(argv, { clock });
      expect(exit).toBe(2);
      expect(stderr).toContain(`hostKey: "${double.fingerprint}"`);
      expect(stderr).not.toContain(password);
    }
    expect(double.signedIn()).toBe(0);
  });

  it("with a wrong password, none, or a key that is none ends as a matter of credentials, and prints no secret", async () => {
    const { project } = await server();
    const tries: readonly Readonly<Record<string, string>>[] = [
      { SFTP_PASSWORD: "CANARY-wrong" },
      {},
      { SFTP_KEY_FILE: "nowhere" },
      { SFTP_KEY_FILE: "-----BEGIN CANARY" },
    ];
    const codes = [];
    for (const variables of tries) {
      project.credentials(variables);
      const { exit, stdout, stderr } = await project.run(["sync"], { clock });
      codes.push([exit, /error\[(\w+)\]/.exec(stderr)?.[1]]);
      expect(stdout + stderr).not.toContain("CANARY");
    }
    expect(codes).toEqual([
      [7, "API_AUTH"],
      [7, "SECRETS_MISSING"],
      [7, "CREDENTIAL_FILE"],
      [7, "CREDENTIAL_INVALID"],
    ]);
  });
});

describe("doctor", () => {
  it("signs in and looks whether the paths are there", async () => {
    const { double, project, password } = await server();
    project.credentials({ SFTP_PASSWORD: password });
    const about = async () =>
      Object.entries(await project.findings({ clock })).filter(([check]) => check.startsWith("main: sftp"));
    expect(await about()).toEqual([
      ["main: sftp credentials", "ok: from the environment or .env"],
      ["main: sftp host key", "ok: pinned"],
      ["main: sftp server", "ok: signed in; files to look at: 2"],
    ]);
    double.remove("/users.csv");
    const [, , missing] = await about();
    expect(missing?.[1]).toMatch(/^fail: there is no "\/users.csv" on the SFTP server.*case-sensitive/);
    project.credentials({ SFTP_PASSWORD: "wrong" });
    const [, , refused] = await about();
    expect(refused?.[1]).toMatch(/^fail: .*refused the credentials of "growthos".*SFTP_PASSWORD$/);
  });

  it("names what is not set, and asks nobody then", async () => {
    const { double, project } = await server({ hostKey: undefined });
    project.credentials({});
    const findings = await project.findings({ clock });
    expect(findings["main: sftp credentials"]).toContain(
      "nothing is stored, and SFTP_KEY_FILE is not set -> run `growthos connect sftp`",
    );
    expect(findings["main: sftp host key"]).toContain("--dry-run");
    expect(findings["main: sftp server"]).toBeUndefined();
    expect(double.asked).toEqual([]);
  });
});

describe("connect sftp", () => {
  it("signs in, keeps the password encrypted, and sync needs no variable any more", async () => {
    const { project, password } = await server();
    project.credentials({});
    const refused = await project.run(["connect", "sftp", "--stdin"], { clock, input: "password=CANARY-wrong\n" });
    expect(refused).toMatchObject({ exit: 7, stderr: expect.stringContaining("CONNECT_REFUSED") });
    expect(refused.stderr).not.toContain("CANARY");
    const connected = await project.run(["connect", "sftp", "--stdin"], { clock, input: `password=${password}\n` });
    expect(connected).toMatchObject({ exit: 0, stdout: expect.stringContaining("signed in; files to look at: 2") });
    expect(await project.run(["connections", "test"], { clock })).toMatchObject({ exit: 0 });
    expect(await project.run(["sync", "--source", "sftp"], { clock })).toMatchObject({ exit: 0 });
  });
});
