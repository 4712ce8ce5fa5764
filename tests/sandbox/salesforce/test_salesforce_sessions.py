"""Where a package keeps memos on records, people type beside them what they would write inside."""

from typing import Any

MEMO = """1on1メモ
 話したいこと：
4. 困りごとと手伝えること（2分）
 ・頼みたいことは何ですか？
5. 次の一歩（2分）
 ・候補：A社へ電話する
▼決めたこと（日付とひとこと）："""
EDITED = """1on1メモ
 話したいこと：来月の進め方
4. 困りごとと手伝えること（2分）
 ・頼みたいことは何ですか？
 事例集の手配
5. 次の一歩（2分）
▼決めたこと（日付とひとこと）：
6/19（金）までに、B社の次回日程を決める"""
KEY = f"cl1a{7:040x}"


def test_an_edited_memo_is_typed_fields_and_a_dismissed_item(api: Any) -> None:
    session = api.make("CrmLoop_Session__c", CrmLoop_Key__c=KEY, Name="1on1メモ", Summary__c=MEMO)
    item = api.make("CrmLoop_Agenda_Item__c", Session__c=session, Title__c="A社へ電話する")
    api.people("edit", session, fields={"body": EDITED})
    found = api.one("CrmLoop_Session__c", session)
    assert found["Summary__c"] == MEMO
    assert found["Rep_Topic__c"] == "来月の進め方"
    assert found["Support_Asked__c"] == "事例集の手配"
    assert found["Next_Step__c"] == "6/19（金）までに、B社の次回日程を決める"
    assert api.one("CrmLoop_Agenda_Item__c", item)["Status__c"] == "dismissed"
