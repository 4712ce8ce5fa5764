import { createElement } from "lwc";
import { graphql } from "lightning/graphql";
import USER_ID from "@salesforce/user/Id";
import CrmLoopCard from "c/crmLoopCard";
import { ACTIONS, FIGURES, NEXT_SESSION, THIS_SESSION } from "../force-app/main/default/lwc/crmLoopCard/queries";

const SESSION = {
  Id: "a01000000000001AAA",
  Rep__c: { value: "005000000000009AAA" },
  Rep__r: { Name: { value: "Tanaka Taro" }, LastName: { value: "Tanaka" } },
  Scheduled_At__c: { value: "2026-06-16T17:00:00Z" },
  Summary__c: { value: "1. Something that went well\n2. Today's theme" }
};

const figure = (id, label, actual, target, unit = "count", direction = "up") => ({
  Id: id,
  KPI_Label__c: { value: label },
  Actual__c: { value: actual },
  Target__c: { value: target },
  As_Of__c: { value: "2026-06-15" },
  KPI__r: { Unit__c: { value: unit }, Direction__c: { value: direction } }
});

const found = (objectName, ...rows) => ({
  data: {
    uiapi: {
      query: { [objectName]: { edges: rows.map((node) => ({ node })) } }
    }
  },
  errors: undefined
});

const answer = (query, value) =>
  graphql.emit(value, (config) => config.query === query);

const settled = () => Promise.resolve();

// The component asks a moment after it has come into the page.
async function mount(props = {}) {
  const element = createElement("c-crm-loop-card", { is: CrmLoopCard });
  Object.assign(element, props);
  document.body.appendChild(element);
  await settled();
  return element;
}

const onSession = () =>
  mount({ recordId: SESSION.Id, objectApiName: "CrmLoop_Session__c" });

const texts = (element, selector) =>
  [...element.shadowRoot.querySelectorAll(selector)].map((one) =>
    one.textContent.trim()
  );

describe("c-crm-loop-card", () => {
  afterEach(() => {
    while (document.body.firstChild)
      document.body.removeChild(document.body.firstChild);
  });

  it("says that it is loading before anything came", async () => {
    expect(texts(await mount(), ".loading")).toEqual(["Loading"]);
  });

  it("asks for the reader's own next 1on1 on a home page", async () => {
    await mount();
    const asked = graphql.getLastConfig();
    expect(asked.variables).toEqual({ repId: USER_ID });
  });

  it("shows when the next 1on1 is, and its notes line by line", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    await settled();
    expect(texts(element, ".heading")).toEqual([
      "Next 1on1: Tue, Jun 16 10:00"
    ]);
    expect(texts(element, ".memo")).toEqual([SESSION.Summary__c.value]);
  });

  it("shows figures as counts and targets, with no percentage of its own", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    answer(
      FIGURES,
      found(
        "CrmLoop_KPI_Snapshot__c",
        figure("1", "First meetings", 4, 12),
        figure("2", "Won", 3200000, 8000000, "currency"),
        figure("3", "Days to answer", 2, 3, "days", "down")
      )
    );
    await settled();
    expect(texts(element, ".kpi-value")).toEqual([
      "4 of 12",
      "$3,200,000 of $8,000,000",
      "2 days, target up to 3 days"
    ]);
    expect(element.shadowRoot.textContent).not.toContain("%");
    expect(texts(element, ".as-of")).toEqual(["As of Mon, Jun 15"]);
  });

  it("shows a share as a share, which the worker gives of many cases only", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    answer(
      FIGURES,
      found(
        "CrmLoop_KPI_Snapshot__c",
        figure("1", "Deals with a next date", 75, 80, "percent"),
        figure("2", "Quiet deals", 40, 25, "percent", "down"),
        figure("3", "Deals with a next date (of 12)", 9, 10)
      )
    );
    await settled();
    expect(texts(element, ".kpi-value")).toEqual([
      "75% of 80%",
      "40%, target up to 25%",
      "9 of 10"
    ]);
  });

  it("draws no bar where less is better", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    answer(
      FIGURES,
      found(
        "CrmLoop_KPI_Snapshot__c",
        figure("1", "First meetings", 4, 12),
        figure("3", "Days to answer", 2, 3, "days", "down")
      )
    );
    await settled();
    const bars = [
      ...element.shadowRoot.querySelectorAll("lightning-progress-bar")
    ];
    expect(bars.map((bar) => bar.value)).toEqual([33]);
    expect(bars[0].getAttribute("aria-label")).toBe("First meetings 4 of 12");
  });

  it("lists open actions with their day and a link", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    answer(
      ACTIONS,
      found("Task", {
        Id: "00T000000000001AAA",
        Subject: { value: "Fix the next date with A" },
        ActivityDate: { value: "2026-06-19" }
      })
    );
    await settled();
    expect(texts(element, ".action a")).toEqual(["Fix the next date with A"]);
    expect(texts(element, ".due")).toEqual(["due Fri, Jun 19"]);
    expect(
      element.shadowRoot.querySelector(".action a").getAttribute("href")
    ).toBe("/lightning/r/Task/00T000000000001AAA/view");
  });

  it("goes on without the actions where an org does not serve them", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    answer(ACTIONS, { data: undefined, errors: [{ message: "no Task" }] });
    await settled();
    expect(texts(element, ".elsewhere")).toHaveLength(1);
    expect(texts(element, ".heading")).toHaveLength(1);
    expect(texts(element, ".error")).toEqual([]);
  });

  it("says when the notes come while there is no 1on1", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c"));
    answer(FIGURES, found("CrmLoop_KPI_Snapshot__c"));
    answer(ACTIONS, found("Task"));
    await settled();
    expect(texts(element, ".no-memo")).toEqual([
      "Your next notes arrive on the working day before."
    ]);
    expect(texts(element, ".no-figures")).toHaveLength(1);
    expect(texts(element, ".no-actions")).toHaveLength(1);
  });

  it("is about the rep on the page of a 1on1, whoever reads it", async () => {
    const element = await onSession();
    answer(THIS_SESSION, found("CrmLoop_Session__c", SESSION));
    await settled();
    expect(texts(element, ".heading")).toEqual([
      "1on1 with Tanaka Taro: Tue, Jun 16 10:00"
    ]);
    expect(graphql.getLastConfig().variables).toEqual({
      repId: SESSION.Rep__c.value
    });
  });

  it("offers the five fields of the 1on1 and saves them where they are read", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    await settled();
    const form = element.shadowRoot.querySelector("lightning-record-edit-form");
    expect(form.recordId).toBe(SESSION.Id);
    const fields = [
      ...element.shadowRoot.querySelectorAll("lightning-input-field")
    ];
    expect(fields.map((field) => field.fieldName)).toEqual([
      "Rep_Topic__c",
      "Wanted_Response__c",
      "Next_Step__c",
      "Next_Step_Due__c",
      "Support_Asked__c"
    ]);
  });

  it("says that it was saved, and asks anew", async () => {
    const element = await mount();
    const refresh = jest.fn();
    answer(NEXT_SESSION, { ...found("CrmLoop_Session__c", SESSION), refresh });
    await settled();
    element.shadowRoot
      .querySelector("lightning-record-edit-form")
      .dispatchEvent(new CustomEvent("success"));
    await settled();
    expect(texts(element, ".said")).toEqual(["Saved."]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it("keeps what was typed when saving is refused, and says so until the next try", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    await settled();
    const form = element.shadowRoot.querySelector("lightning-record-edit-form");
    form.dispatchEvent(new CustomEvent("error"));
    await settled();
    expect(texts(element, ".refusal")[0]).toContain("still here");
    form.dispatchEvent(new CustomEvent("submit"));
    await settled();
    expect(texts(element, ".refusal")).toEqual([""]);
  });

  it("shows one sentence when the 1on1 cannot be read", async () => {
    const element = await mount();
    answer(NEXT_SESSION, { data: undefined, errors: [{ message: "no access" }] });
    await settled();
    const shown = element.shadowRoot.querySelector(".error");
    expect(shown.getAttribute("role")).toBe("alert");
    expect(shown.textContent).toContain("Nothing is lost");
  });

  it("leaves the notes and the fields to type where only the figures cannot be read", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    answer(FIGURES, { data: undefined, errors: [{ message: "no access" }] });
    answer(ACTIONS, found("Task"));
    await settled();
    expect(texts(element, ".figures-unread")[0]).toContain("could not be read");
    expect(texts(element, ".no-figures")).toEqual([]);
    expect(texts(element, ".error")).toEqual([]);
    expect(texts(element, ".memo")).toEqual([SESSION.Summary__c.value]);
    expect(
      element.shadowRoot.querySelectorAll("lightning-input-field")
    ).toHaveLength(5);
  });

  it("says of figures and actions on their way that they are, not that there are none", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    await settled();
    expect(texts(element, ".figures-loading")).toEqual(["Loading"]);
    expect(texts(element, ".actions-loading")).toEqual(["Loading"]);
    expect(texts(element, ".no-figures")).toEqual([]);
    expect(texts(element, ".no-actions")).toEqual([]);
    answer(FIGURES, found("CrmLoop_KPI_Snapshot__c", figure("1", "Won", 1, 2)));
    answer(ACTIONS, found("Task"));
    await settled();
    expect(texts(element, ".figures-loading")).toEqual([]);
    expect(texts(element, ".actions-loading")).toEqual([]);
    expect(texts(element, ".kpi-value")).toEqual(["1 of 2"]);
    expect(texts(element, ".no-actions")).toHaveLength(1);
  });

  it("waits for nobody's figures on the page of a 1on1 that is not there", async () => {
    const element = await onSession();
    answer(THIS_SESSION, found("CrmLoop_Session__c"));
    await settled();
    expect(texts(element, ".no-memo")).toHaveLength(1);
    expect(texts(element, ".figures-loading")).toEqual([]);
    expect(texts(element, ".actions-loading")).toEqual([]);
  });

  it("names every part, and says what changes to those who do not see it", async () => {
    const element = await mount();
    answer(NEXT_SESSION, found("CrmLoop_Session__c", SESSION));
    await settled();
    for (const section of element.shadowRoot.querySelectorAll("section")) {
      const id = section.getAttribute("aria-labelledby");
      const title = element.shadowRoot.querySelector(`[id^="${id}"]`);
      expect(title.textContent.trim()).not.toBe("");
    }
    expect(
      element.shadowRoot.querySelector(".said").getAttribute("role")
    ).toBe("status");
    expect(
      element.shadowRoot.querySelector(".refusal").getAttribute("role")
    ).toBe("alert");
  });
});
