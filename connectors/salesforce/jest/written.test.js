import {
  filled,
  progress,
  writtenDay,
  writtenMoment,
  writtenNumber
} from "../force-app/main/default/lwc/crmLoopCard/written";

const JA = {
  locale: "ja-JP",
  currency: "JPY",
  timeZone: "Asia/Tokyo",
  labels: { days: "{0}日", hours: "{0}時間" }
};
const EN = {
  locale: "en-US",
  currency: "USD",
  timeZone: "UTC",
  labels: { days: "{0} days", hours: "{0} hours" }
};

describe("written", () => {
  it("writes a moment in the reader's time zone and language", () => {
    const moment = "2026-06-16T01:00:00Z";
    expect(writtenMoment(moment, JA)).toBe("6/16（火） 10:00");
    expect(writtenMoment(moment, EN)).toBe("Tue, Jun 16 01:00");
  });

  it("writes a day as it stands, whatever the time zone", () => {
    expect(writtenDay("2026-06-19", JA)).toBe("6/19（金）");
    expect(writtenDay("2026-06-19", EN)).toBe("Fri, Jun 19");
  });

  it.each([
    [4, "count", "4", "4"],
    [1234567, "currency", "￥1,234,567", "$1,234,567"],
    [35, "percent", "35%", "35%"],
    [2.5, "days", "2.5日", "2.5 days"],
    [3, "hours", "3時間", "3 hours"],
    [7, undefined, "7", "7"]
  ])("writes %s %s", (value, unit, japanese, english) => {
    expect(writtenNumber(value, unit, JA)).toBe(japanese);
    expect(writtenNumber(value, unit, EN)).toBe(english);
  });

  it("fills the places of a sentence in any order", () => {
    expect(filled("{1}まで、{0}", "A社", "6/19")).toBe("6/19まで、A社");
  });

  it.each([
    [4, 12, "up", 33],
    [30, 12, "up", 100],
    [-1, 12, "up", 0],
    [4, 0, "up", undefined],
    [4, undefined, "up", undefined],
    [undefined, 12, "up", undefined],
    [4, 12, "down", undefined]
  ])("%s of %s (%s) fills the bar to %s", (actual, target, way, bar) => {
    expect(progress(actual, target, way)).toBe(bar);
  });
});
