// Loaded before a measured program: writes what the process used when it ends.
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 };
  // Of a program that starts others, each has a file of its own.
  const each = process.env.GROWTHOS_BENCH_EACH === undefined ? "" : `.${process.pid}`;
  require("node:fs").writeFileSync(`${process.env.GROWTHOS_BENCH_USAGE}${each}`, JSON.stringify(usage));
});
