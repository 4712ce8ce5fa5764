// JavaScript's client, unmodified, against the sandbox's Salesforce. SANDBOX_URL says where it is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import jsforce from "jsforce";

const url = process.env.SANDBOX_URL;
let access;
let conn;

before(async () => {
  access = (await (await fetch(`${url}/__access`)).json()).salesforce;
  conn = await signedIn();
});

after(() => conn.logout().catch(() => undefined));

async function signedIn() {
  const oauth2 = { loginUrl: url, clientId: access.client_id, clientSecret: access.client_secret };
  const made = new jsforce.Connection({ oauth2, loginUrl: url, version: "62.0" });
  await made.authorize({ grant_type: "client_credentials" });
  return made;
}

test("it signs in by SOAP", async () => {
  const other = new jsforce.Connection({ loginUrl: url, version: "62.0" });
  const user = await other.login(access.username, access.password + access.security_token);
  assert.equal(user.organizationId, access.org_id);
});

test("it signs in by OAuth with a password", async () => {
  const oauth2 = { loginUrl: url, clientId: access.client_id, clientSecret: access.client_secret };
  const other = new jsforce.Connection({ oauth2, version: "62.0" });
  const user = await other.login(access.username, access.password + access.security_token);
  assert.equal(user.organizationId, access.org_id);
});

test("it gets a new token by itself", async () => {
  const oauth2 = { loginUrl: url, clientId: access.client_id, clientSecret: access.client_secret };
  const other = new jsforce.Connection({
    oauth2,
    instanceUrl: access.instance_url,
    accessToken: "gone",
    refreshToken: access.refresh_token,
    version: "62.0",
  });
  assert.equal((await other.query("SELECT Id FROM Organization")).records[0].Id, access.org_id);
});

test("it says who it is", async () => {
  const identity = await conn.identity();
  assert.equal(identity.organization_id, access.org_id);
  assert.equal(identity.username, access.username);
});

test("a query gives records and their parents", async () => {
  const found = await conn.query("SELECT Id, Owner.Name, Account.Name FROM Opportunity LIMIT 5");
  assert.equal(found.records.length, 5);
  assert.ok(found.records[0].Owner.Name);
});

test("a long list is fetched to its end", async () => {
  const whole = await conn.query("SELECT Id FROM Task", { autoFetch: true, maxFetch: 100000 });
  const count = await conn.query("SELECT COUNT() FROM Task");
  assert.equal(new Set(whole.records.map((row) => row.Id)).size, count.totalSize);
});

test("its own query builder is understood", async () => {
  const found = await conn
    .sobject("Opportunity")
    .find({ IsClosed: false, CloseDate: { $gte: jsforce.Date.toDateLiteral(new Date(0)) } })
    .select("Id, Name, StageName")
    .sort({ CloseDate: 1, Name: -1 })
    .limit(3)
    .execute();
  assert.equal(found.length, 3);
});

test("children come with their parents", async () => {
  const found = await conn
    .sobject("Account")
    .find({}, "Id")
    .include("Opportunities")
    .select("Id, StageName")
    .end()
    .execute();
  assert.ok(found.some((row) => row.Opportunities?.records.length > 0));
});

test("describe tells objects and fields", async () => {
  const all = await conn.describeGlobal();
  assert.ok(all.sobjects.some((one) => one.name === "CrmLoop_Session__c"));
  const task = await conn.sobject("Task").describe();
  assert.ok(task.fields.find((field) => field.name === "CrmLoop_Key__c").unique);
});

test("records are made, read, changed and deleted in one call each", async () => {
  const task = conn.sobject("Task");
  const made = await task.create([{ Subject: "a" }, { Subject: "b" }]);
  const ids = made.map((one) => one.id);
  assert.deepEqual((await task.retrieve(ids)).map((row) => row.Subject), ["a", "b"]);
  const changed = await task.update(ids.map((Id) => ({ Id, Priority: "High" })));
  assert.ok(changed.every((one) => one.success));
  assert.ok((await task.destroy(ids)).every((one) => one.success));
});

test("an upsert by key makes one record", async () => {
  const key = "cl1a" + "0c".repeat(20);
  const session = conn.sobject("CrmLoop_Session__c");
  const once = await session.upsert({ CrmLoop_Key__c: key, Name: "1on1" }, "CrmLoop_Key__c");
  const twice = await session.upsert({ CrmLoop_Key__c: key, Name: "1on1!" }, "CrmLoop_Key__c");
  assert.equal(once.created, true);
  assert.equal(twice.created, false);
});

test("a refusal has its code and its fields", async () => {
  await assert.rejects(conn.sobject("Contact").create({ FirstName: "x" }), (error) => {
    assert.equal(error.errorCode, "REQUIRED_FIELD_MISSING");
    return true;
  });
});

test("the second bulk API exports", async () => {
  conn.bulk2.pollInterval = 50;
  const stream = await conn.bulk2.query("SELECT Id, Name FROM Opportunity");
  const rows = await stream.toArray();
  const count = await conn.query("SELECT COUNT() FROM Opportunity");
  assert.equal(rows.length, count.totalSize);
});

test("the second bulk API imports", async () => {
  conn.bulk2.pollInterval = 50;
  const input = [{ Subject: "one" }, { Subject: "x".repeat(300) }];
  const found = await conn.bulk2.loadAndWaitForResults({ object: "Task", operation: "insert", input });
  assert.equal(found.successfulResults.length, 1);
  assert.match(found.failedResults[0].sf__Error, /^STRING_TOO_LONG/);
});

test("the first bulk API exports", async () => {
  conn.bulk.pollInterval = 50;
  const stream = await conn.bulk.query("SELECT Id FROM Opportunity");
  const rows = await stream.toArray();
  assert.ok(rows.length > 10);
});

test("the first bulk API imports", async () => {
  conn.bulk.pollInterval = 50;
  const found = await conn.bulk.load("Account", "insert", [{ Name: "one" }, { Name: "two" }]);
  assert.deepEqual(found.map((one) => one.success), [true, true]);
});

test("several requests travel in one", async () => {
  const body = {
    compositeRequest: [
      { method: "POST", url: "/services/data/v62.0/sobjects/Account", referenceId: "made",
        body: { Name: "Composite" } },
      { method: "GET", url: "/services/data/v62.0/sobjects/Account/@{made.id}", referenceId: "read" },
    ],
  };
  const answer = await conn.requestPost("/composite", body);
  assert.deepEqual(answer.compositeResponse.map((one) => one.httpStatusCode), [201, 200]);
});

test("it counts the calls that are left", async () => {
  await conn.query("SELECT Id FROM Organization");
  assert.ok(conn.limitInfo.apiUsage.used > 0);
  assert.equal(conn.limitInfo.apiUsage.limit, 100000);
});
