import { LightningElement, api, wire } from "lwc";
import { graphql } from "lightning/graphql";
import USER_ID from "@salesforce/user/Id";
import LOCALE from "@salesforce/i18n/locale";
import CURRENCY from "@salesforce/i18n/currency";
import TIME_ZONE from "@salesforce/i18n/timeZone";
import SESSION from "@salesforce/schema/CrmLoop_Session__c";
import TITLE from "@salesforce/label/c.CrmLoop_Title";
import WHEN from "@salesforce/label/c.CrmLoop_When";
import PERSON from "@salesforce/label/c.CrmLoop_Person";
import YOURS from "@salesforce/label/c.CrmLoop_Yours";
import SAVE from "@salesforce/label/c.CrmLoop_Save";
import SAVED from "@salesforce/label/c.CrmLoop_Saved";
import NOT_SAVED from "@salesforce/label/c.CrmLoop_Not_Saved";
import MEMO from "@salesforce/label/c.CrmLoop_Memo";
import NO_MEMO from "@salesforce/label/c.CrmLoop_No_Memo";
import FIGURES_TITLE from "@salesforce/label/c.CrmLoop_Figures";
import NO_FIGURES from "@salesforce/label/c.CrmLoop_No_Figures";
import FIGURES_UNREAD from "@salesforce/label/c.CrmLoop_Figures_Unread";
import OF_TARGET from "@salesforce/label/c.CrmLoop_Of_Target";
import UP_TO from "@salesforce/label/c.CrmLoop_Up_To";
import AS_OF from "@salesforce/label/c.CrmLoop_As_Of";
import DAYS from "@salesforce/label/c.CrmLoop_Days";
import HOURS from "@salesforce/label/c.CrmLoop_Hours";
import ACTIONS_TITLE from "@salesforce/label/c.CrmLoop_Actions";
import NO_ACTIONS from "@salesforce/label/c.CrmLoop_No_Actions";
import DUE from "@salesforce/label/c.CrmLoop_Due";
import ELSEWHERE from "@salesforce/label/c.CrmLoop_Actions_Elsewhere";
import LOADING from "@salesforce/label/c.CrmLoop_Loading";
import ERROR from "@salesforce/label/c.CrmLoop_Error";
import {
  ACTIONS,
  FIGURES,
  NEXT_SESSION,
  THIS_SESSION,
  nodes
} from "./queries";
import {
  filled,
  progress,
  writtenDay,
  writtenMoment,
  writtenNumber
} from "./written";

const READER = {
  locale: LOCALE,
  currency: CURRENCY,
  timeZone: TIME_ZONE,
  labels: { days: DAYS, hours: HOURS }
};

const FIELDS = [
  "Rep_Topic__c",
  "Wanted_Response__c",
  "Next_Step__c",
  "Next_Step_Due__c",
  "Support_Asked__c"
];

export default class CrmLoopCard extends LightningElement {
  @api recordId;
  @api objectApiName;

  fields = FIELDS;
  sessionObject = SESSION;
  labels = {
    title: TITLE,
    yours: YOURS,
    save: SAVE,
    memo: MEMO,
    noMemo: NO_MEMO,
    figures: FIGURES_TITLE,
    noFigures: NO_FIGURES,
    figuresUnread: FIGURES_UNREAD,
    actions: ACTIONS_TITLE,
    noActions: NO_ACTIONS,
    elsewhere: ELSEWHERE,
    loading: LOADING,
    error: ERROR
  };

  sessions;
  figures;
  actions;
  said = "";
  refusal = "";

  // On the page of a 1on1 the card is about its rep, whoever reads it; elsewhere about the reader.
  get isOnSession() {
    return Boolean(
      this.recordId && this.objectApiName === SESSION.objectApiName
    );
  }

  get sessionQuery() {
    return this.isOnSession ? THIS_SESSION : NEXT_SESSION;
  }

  get sessionVariables() {
    return this.isOnSession
      ? { sessionId: this.recordId }
      : { repId: USER_ID };
  }

  get repVariables() {
    const repId = this.isOnSession ? this.session?.Rep__c?.value : USER_ID;
    return repId ? { repId } : undefined;
  }

  @wire(graphql, { query: "$sessionQuery", variables: "$sessionVariables" })
  wiredSessions(answer) {
    this.sessions = answer;
  }

  @wire(graphql, { query: FIGURES, variables: "$repVariables" })
  wiredFigures(answer) {
    this.figures = answer;
  }

  @wire(graphql, { query: ACTIONS, variables: "$repVariables" })
  wiredActions(answer) {
    this.actions = answer;
  }

  get session() {
    return nodes(this.sessions?.data, "CrmLoop_Session__c")[0];
  }

  get hasError() {
    return Boolean(this.sessions?.errors?.length);
  }

  get isLoading() {
    return !this.hasError && !this.sessions?.data;
  }

  get isReady() {
    return !this.hasError && !this.isLoading;
  }

  // Nobody, where the 1on1 of a page is not there: then nothing more is asked for.
  get hasPerson() {
    return Boolean(this.repVariables);
  }

  get figuresUnread() {
    return Boolean(this.figures?.errors?.length);
  }

  get figuresOnTheirWay() {
    return !this.figures?.data;
  }

  get actionsOnTheirWay() {
    return !this.actions?.data;
  }

  get heading() {
    if (!this.session) return "";
    const when = writtenMoment(this.session.Scheduled_At__c?.value, READER);
    const rep = this.session.Rep__r;
    if (!this.isOnSession || !rep) return filled(WHEN, when);
    const part = LOCALE.startsWith("ja") ? rep.LastName : rep.Name;
    return filled(PERSON, part?.value ?? rep.Name?.value ?? "", when);
  }

  get memo() {
    return this.session?.Summary__c?.value;
  }

  get kpis() {
    return nodes(this.figures?.data, "CrmLoop_KPI_Snapshot__c").map((node) => {
      const unit = node.KPI__r?.Unit__c?.value;
      const actual = node.Actual__c?.value;
      const target = node.Target__c?.value;
      const way = node.KPI__r?.Direction__c?.value;
      const percent = progress(actual, target, way);
      const text = this.figureText(actual, target, unit, way);
      return {
        id: node.Id,
        label: node.KPI_Label__c?.value,
        text,
        spoken: `${node.KPI_Label__c?.value} ${text}`,
        percent,
        hasBar: percent !== undefined
      };
    });
  }

  figureText(actual, target, unit, way) {
    const shown =
      typeof actual === "number" ? writtenNumber(actual, unit, READER) : "–";
    if (typeof target !== "number") return shown;
    const sentence = way === "down" ? UP_TO : OF_TARGET;
    return filled(sentence, shown, writtenNumber(target, unit, READER));
  }

  get hasKpis() {
    return this.kpis.length > 0;
  }

  get asOf() {
    const days = nodes(this.figures?.data, "CrmLoop_KPI_Snapshot__c")
      .map((node) => node.As_Of__c?.value)
      .filter(Boolean)
      .sort();
    return days.length
      ? filled(AS_OF, writtenDay(days[days.length - 1], READER))
      : "";
  }

  get todo() {
    return nodes(this.actions?.data, "Task").map((node) => ({
      id: node.Id,
      subject: node.Subject?.value,
      link: `/lightning/r/Task/${node.Id}/view`,
      due: node.ActivityDate?.value
        ? filled(DUE, writtenDay(node.ActivityDate.value, READER))
        : ""
    }));
  }

  get hasTodo() {
    return this.todo.length > 0;
  }

  get actionsUnread() {
    return Boolean(this.actions?.errors?.length);
  }

  handleSubmit() {
    this.said = "";
    this.refusal = "";
  }

  handleSaved() {
    this.said = SAVED;
    this.sessions?.refresh?.();
  }

  handleRefused() {
    this.refusal = NOT_SAVED;
  }
}
