"""What a typed step says is looked for in the CRM, and what it does not say is not."""

import pytest

from crm_loop.actions.measured import measured
from crm_loop.loop_records import RecordRef, Verify, VerifyRule

AOBA = RecordRef(connection="crm", object="deal", id="006A")
KITA = RecordRef(connection="crm", object="deal", id="006B")
ACME = RecordRef(connection="crm", object="deal", id="006C")
CALLAWAY = RecordRef(connection="crm", object="deal", id="006D")
CUSTOMERS = {AOBA: "青葉精機", KITA: "北電話工業", ACME: "Acme", CALLAWAY: "Callaway Visits"}
TICK = VerifyRule(kind=Verify.CLOSED_TASK)


def done(activity: str, target: int) -> VerifyRule:
    return VerifyRule(kind=Verify.ACTIVITIES, target=target, activity=activity)


def first(target: int) -> VerifyRule:
    return VerifyRule(kind=Verify.ACTIVITIES, target=target, activity="meeting", new_account=True)


def on(kind: Verify, *deals: RecordRef) -> VerifyRule:
    return VerifyRule(kind=kind, target=len(deals), deals=deals)


def people(number: int, deal: RecordRef, *, met: bool = False) -> VerifyRule:
    activity = "meeting" if met else None
    return VerifyRule(kind=Verify.CONTACTS, target=number, activity=activity, deals=(deal,))


JAPANESE = [
    ("3件に電話する", done("call", 3)),
    ("６／１９（金）までに５社へ架電", done("call", 5)),
    ("三社に電話する", done("call", 3)),
    ("2〜3社に電話する", done("call", 2)),
    ("10:00から3社に電話する", done("call", 3)),
    ("3社へ電話し、面談のアポをいただく", done("call", 3)),
    ("面談を2件行う", done("meeting", 2)),
    ("新しいお客様との初回面談を2件行う", first(2)),
    ("次回の1on1までに3社を訪問する", done("meeting", 3)),
    ("失注した2社へ電話し、理由を伺う", done("call", 2)),
    ("5社にメールを送る", done("email", 5)),
    ("青葉精機に2回電話する", done("call", 2)),
    ("青葉精機の次回日程を決める", on(Verify.NEXT_STEP, AOBA)),
    ("青葉精機の次回をいつにするか決める", on(Verify.NEXT_STEP, AOBA)),
    ("青葉精機と北電話工業の次回日程を決める", on(Verify.NEXT_STEP, AOBA, KITA)),
    ("青葉精機との面談を設定する", on(Verify.NEXT_STEP, AOBA)),
    ("青葉精機のアポを取る", on(Verify.NEXT_STEP, AOBA)),
    ("青葉精機を次のフェーズに進める", on(Verify.STAGE, AOBA)),
    ("北電話工業の商談のステージを一つ進める", on(Verify.STAGE, KITA)),
    ("青葉精機の完了予定日を見直す", on(Verify.CLOSE_DATE, AOBA)),
    ("青葉精機のclose dateを直す", on(Verify.CLOSE_DATE, AOBA)),
    ("青葉精機と北電話工業のクローズ予定日を更新する", on(Verify.CLOSE_DATE, AOBA, KITA)),
    ("青葉精機の決裁者に会う", people(1, AOBA, met=True)),
    ("青葉精機の部長と面談する", people(1, AOBA, met=True)),
    ("青葉精機で2名と面談を設定する", people(2, AOBA)),
    ("青葉精機の購買の方とのアポを取る", people(1, AOBA)),
    ("青葉精機に見積を送る", on(Verify.PROPOSAL, AOBA)),
    ("青葉精機へ見積りを送り、電話で確認する", on(Verify.PROPOSAL, AOBA)),
    ("6/19までに青葉精機へ提案書を提出する", on(Verify.PROPOSAL, AOBA)),
    ("完了予定日までに青葉精機へ見積書を提出する", on(Verify.PROPOSAL, AOBA)),
    ("リード2件に1時間以内に連絡する", VerifyRule(kind=Verify.LEADS, target=2)),
    ("お問い合わせ3件に60分以内に電話する", VerifyRule(kind=Verify.LEADS, target=3)),
    ("青葉精機を失注にする", on(Verify.LOST, AOBA)),
    ("青葉精機と北電話工業を失注として登録する", on(Verify.LOST, AOBA, KITA)),
]
ENGLISH = [
    ("Call 3 customers", done("call", 3)),
    ("Call three quiet customers by Friday", done("call", 3)),
    ("Make 5 calls from the dormant accounts", done("call", 5)),
    ("By 10:00 call 3 customers", done("call", 3)),
    ("Call 3 customers to get a meeting", done("call", 3)),
    ("Hold 2 meetings in 2 weeks", done("meeting", 2)),
    ("Hold 2 first meetings with new customers", first(2)),
    ("Visit 2 customers", done("meeting", 2)),
    ("Email 5 customers about the new plan", done("email", 5)),
    ("Call 2 customers who chose another and ask why", done("call", 2)),
    ("Fix the next date with Acme", on(Verify.NEXT_STEP, ACME)),
    ("Book a meeting with Acme", on(Verify.NEXT_STEP, ACME)),
    ("Get an appointment at Callaway Visits", on(Verify.NEXT_STEP, CALLAWAY)),
    ("Move Acme to the next stage", on(Verify.STAGE, ACME)),
    ("Update the close date of Acme", on(Verify.CLOSE_DATE, ACME)),
    ("Fix the close dates for Acme and Callaway Visits", on(Verify.CLOSE_DATE, ACME, CALLAWAY)),
    ("Ask Acme how things stand and update the close date", on(Verify.CLOSE_DATE, ACME)),
    ("Meet the decision maker at Acme", people(1, ACME, met=True)),
    ("See two people at Acme", people(2, ACME, met=True)),
    ("Book a meeting with the buyer at Acme", people(1, ACME)),
    ("Arrange a meeting with 2 people at Callaway Visits", people(2, CALLAWAY)),
    ("Send Acme the quote", on(Verify.PROPOSAL, ACME)),
    ("Send the proposal to Acme before our next meeting", on(Verify.PROPOSAL, ACME)),
    ("Answer 2 new leads within the hour", VerifyRule(kind=Verify.LEADS, target=2)),
    ("Reply to three enquiries within 60 minutes", VerifyRule(kind=Verify.LEADS, target=3)),
    ("Mark Acme as lost", on(Verify.LOST, ACME)),
    ("Close Acme and Callaway Visits as closed lost", on(Verify.LOST, ACME, CALLAWAY)),
]
#: What is only about such a thing, could be read in two ways, or names nobody and no number.
NOT = [
    "電話を頑張る", "面談のアポを2件いただく", "2件の面談を設定する",
    "お客様に電話する", "面談3件の議事録をまとめる", "面談の準備を2件する",
    "電話3件の録音を振り返る", "電話かメールで3社に連絡する", "提案書の型を見直す",
    "3件の完了予定日を直す", "決裁者に会う", "青葉精機へ資料を送る", "青葉精機に提案する",
    "青葉精機の提案書のたたき台を作って送る", "青葉精機の見積依頼を出す",
    "青葉精機の失注理由を伺う", "青葉精機に見積を送るか決める", "見積を送った青葉精機の様子を聞く",
    "青葉精機の件で部長と面談する",
    "青葉精機のフェーズを確認する", "青葉精機を提案フェーズに進める",
    "次回までに青葉精機へ事例集を送る",
    "青葉精機の日程表を作る", "予定どおり青葉精機に連絡する", "青葉精機の決裁者に電話する",
    "青葉精機へ2名で訪問する", "青葉精機と北電話工業の決裁者に会う", "青葉精機の次回の提案を考える",
    "新しいリードには1時間以内に連絡する", "リード2件に連絡する", "北電話工業の資料を3件読む",
    "青葉精機を失注にしない", "青葉精機の面談後に資料を作る",
    "Get two customer meetings agreed", "Book 2 meetings", "Try to call more",
    "Call the customers back", "Prepare 3 slides for the call",
    "Listen to 3 calls", "Write up the notes of 2 meetings", "Call or email 3 customers",
    "Fix the close dates", "Book a meeting with the buyer", "Send Acme the material",
    "Send Acme the proposal template", "Review the quote for Acme",
    "Decide whether to send Acme a quote", "Meet our CFO about Acme",
    "Discuss what the next stage of Acme needs", "Move Acme to Negotiation",
    "Send Acme the case studies before the next meeting", "Ask Acme why we lost",
    "Meet the decision makers at Acme and Callaway Visits", "Answer leads within the hour",
    "Answer 2 leads", "Ask Callaway Visits for 3 references", "Don't mark Acme as lost",
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), [*JAPANESE, *ENGLISH])
def test_what_a_typed_step_says_clearly_is_looked_for(text: str, rule: VerifyRule) -> None:
    assert measured(text, CUSTOMERS).rule == rule


@pytest.mark.parametrize("text", NOT)
def test_a_step_that_does_not_say_it_clearly_is_told_by_its_tick(text: str) -> None:
    assert measured(text, CUSTOMERS).rule == TICK


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("完了予定日を直す", on(Verify.CLOSE_DATE, AOBA)),
        ("Book a meeting with the buyer", people(1, AOBA)),
        ("決裁者に会う", people(1, AOBA, met=True)),
        ("見積を送る", on(Verify.PROPOSAL, AOBA)),
    ],
)
def test_words_without_a_customer_are_about_the_deal_they_hang_on(
    text: str, rule: VerifyRule
) -> None:
    assert measured(text, CUSTOMERS, AOBA).rule == rule
