// Loaded before a measured program: writes what the process used when it ends.
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 };
  require("node:fs").writeFileSync(process.env.GROWTHOS_BENCH_USAGE, JSON.stringify(usage));
});
