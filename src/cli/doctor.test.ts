import { describe, expect, it } from "vitest";
import { checkNode, volumeType } from "./doctor.js";
import { ago, count, duration, megabytes, plural } from "./format.js";
import { withGitignore } from "./scaffold.js";
import { seededRandom } from "./world.js";

describe("doctor", () => {
  it.each([
    ["20.19.0", "ok"],
    ["v22.1.0", "ok"],
    ["20.18.3", "fail"],
    ["18.20.0", "fail"],
  ])("Node %s: %s", (version, status) => expect(checkNode(version).status).toBe(status));

  it("finds the volume that holds a path", () => {
    const mounts = [
      "22 1 254:0 / / rw,relatime - ext4 /dev/root rw",
      "30 22 0:40 / /srv/my\\040shop rw - nfs4 server:/x rw",
      "31 22 0:41 / /srv/my rw - tmpfs tmpfs rw",
    ].join("\n");
    expect(volumeType(mounts, "/srv/my shop/workspaces")).toBe("nfs4");
    expect(volumeType(mounts, "/srv/my/x")).toBe("tmpfs");
    expect(volumeType(mounts, "/srv/mystery")).toBe("ext4");
  });
});

describe("plain figures", () => {
  it("are short", () => {
    expect([megabytes(1_536_000), count(1_234_567), plural(1, "row"), plural(2000, "row")]).toEqual([
      "1.5 MB",
      "1,234,567",
      "1 row",
      "2,000 rows",
    ]);
    expect([840, 12_345, 245_000].map(duration)).toEqual(["840 ms", "12.3 s", "4 min 5 s"]);
    expect([0, 300_000, 3 * 3_600_000, 50 * 3_600_000].map(ago)).toEqual([
      "just now",
      "5 min ago",
      "3 h ago",
      "2 d ago",
    ]);
  });
});

describe("scaffolding", () => {
  it("adds to .gitignore what is missing, once", () => {
    const once = withGitignore("dist\n.env");
    expect(once).toBe("dist\n.env\n/workspaces/\n/agency/\n.env.*\n!.env.example\nnode_modules/\ngrowthos-*.log\n");
    expect(withGitignore(once)).toBe(once);
  });
});

describe("the demo's randomness", () => {
  it("repeats with its seed and has the length that was asked for", () => {
    const draw = () => {
      const random = seededRandom("demo");
      return [random.hex(4), random.hex(40)];
    };
    expect(draw()).toEqual(draw());
    expect(draw().map((text) => text.length)).toEqual([8, 80]);
    expect(seededRandom("other").hex(4)).not.toBe(seededRandom("demo").hex(4));
  });
});
