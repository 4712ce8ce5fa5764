// What a program of somebody else does with HubSpot's client for Node; one scenario a run.
// Usage: node scenarios.mjs NAME  (HUBSPOT_URL and HUBSPOT_ACCESS say where and who)
import { Client, Signature } from '@hubspot/api-client'

const access = JSON.parse(process.env.HUBSPOT_ACCESS)
const url = process.env.HUBSPOT_URL
const client = new Client({ accessToken: access.access_token, basePath: url })
const deals = client.crm.deals
const due = '2026-06-20T00:00:00.000Z'

const task = (subject, more = {}) => ({
  properties: { hs_timestamp: due, hs_task_subject: subject, ...more },
  associations: [],
})

async function everyDeal() {
  const pages = []
  let after
  do {
    const page = await deals.basicApi.getPage(7, after, ['dealname'])
    pages.push(page.results)
    after = page.paging?.next?.after
  } while (after)
  return pages.flat()
}

async function uniqueKey() {
  const groups = client.crm.properties.groupsApi
  await groups.create('tasks', { name: 'crm_loop', label: 'crm_loop' }).catch(() => undefined)
  await client.crm.properties.coreApi
    .create('tasks', {
      name: 'crm_loop_key', label: 'Key', type: 'string', fieldType: 'text',
      groupName: 'crm_loop', hasUniqueValue: true,
    })
    .catch((error) => { if (error.code !== 409) throw error })
}

const scenarios = {
  async list() {
    const properties = ['dealname', 'amount', 'dealstage']
    const page = await deals.basicApi.getPage(20, undefined, properties, ['dealstage'], ['contacts'])
    const first = page.results[0]
    return {
      count: page.results.length,
      names: Object.keys(first.properties),
      versions: first.propertiesWithHistory.dealstage.map((one) => typeof one.value),
      associated: page.results.filter((one) => one.associations).length,
      created: first.createdAt instanceof Date,
    }
  },
  async page() {
    const paged = await everyDeal()
    const all = await deals.getAll(50)
    return { paged: paged.map((one) => one.id), all: all.map((one) => one.id) }
  },
  async search() {
    const found = await deals.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'GT', value: '0' }] }],
      sorts: ['hs_object_id'],
      properties: ['dealname'],
      limit: 3,
      after: '3',
    })
    return { total: found.total, ids: found.results.map((one) => one.id), after: found.paging.next.after }
  },
  async manySearches() {
    const patient = new Client({
      accessToken: access.access_token, basePath: url, numberOfApiCallRetries: 6,
    }).crm.deals
    const asked = Array.from({ length: 12 }, () => patient.searchApi.doSearch({ limit: 1 }))
    return { answered: (await Promise.all(asked)).length }
  },
  async batch() {
    await uniqueKey()
    const api = client.crm.objects.tasks.batchApi
    const made = await api.create({ inputs: ['a', 'b'].map((name) => task(name)) })
    const ids = made.results.map((one) => ({ id: one.id }))
    const read = await api.read({ inputs: ids, properties: ['hs_task_subject'], propertiesWithHistory: [] })
    const updates = ids.map((one) => ({ ...one, properties: { hs_task_status: 'COMPLETED' } }))
    const updated = await api.update({ inputs: updates })
    const upsert = { inputs: [{ id: 'k1', idProperty: 'crm_loop_key', properties: { hs_timestamp: due } }] }
    const isNew = [await api.upsert(upsert), await api.upsert(upsert)].map((one) => one.results[0]._new)
    await api.archive({ inputs: ids })
    const gone = await api.read({ inputs: ids, properties: [], propertiesWithHistory: [] })
    return {
      subjects: read.results.map((one) => one.properties.hs_task_subject).sort(),
      statuses: updated.results.map((one) => one.properties.hs_task_status),
      isNew,
      goneStatus: gone.status,
      errors: gone.numErrors,
    }
  },
  async traces() {
    const bad = { ...task('bad', { no_such_property: 'x' }), objectWriteTraceId: 't-2' }
    const good = { ...task('good'), objectWriteTraceId: 't-1' }
    const answer = await client.crm.objects.tasks.batchApi.create({ inputs: [good, bad] })
    return { made: answer.results.length, blamed: answer.errors[0].context.objectWriteTraceId }
  },
  async associate() {
    const made = await client.crm.objects.tasks.basicApi.create(task('linked'))
    const deal = (await deals.basicApi.getPage(1)).results[0]
    const v4 = client.crm.associations.v4
    await v4.basicApi.create('tasks', made.id, 'deals', deal.id,
      [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 216 }])
    const edges = await v4.basicApi.getPage('tasks', made.id, 'deals')
    const batch = await v4.batchApi.getPage('deals', 'tasks', { inputs: [{ id: deal.id }] })
    const v3 = await client.crm.associations.batchApi.read('tasks', 'deals', { inputs: [{ id: made.id }] })
    await v4.basicApi.archive('tasks', made.id, 'deals', deal.id)
    const left = await v4.basicApi.getPage('tasks', made.id, 'deals')
    return {
      types: edges.results[0].associationTypes.map((one) => one.typeId),
      back: batch.results[0].to.some((one) => String(one.toObjectId) === made.id),
      word: v3.results[0].to[0].type,
      left: left.results.length,
    }
  },
  async account() {
    const owners = await client.crm.owners.ownersApi.getPage()
    const archived = await client.crm.owners.ownersApi.getPage(undefined, undefined, 100, true)
    const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals')
    const properties = await client.crm.properties.coreApi.getAll('deals')
    const token = await client.oauth.tokensApi.create('refresh_token', undefined, undefined,
      access.client_id, access.client_secret, access.refresh_token)
    const known = await client.oauth.accessTokensApi.get(token.accessToken)
    return {
      owners: owners.results.length,
      archived: archived.results.every((one) => one.archived),
      won: pipelines.results[0].stages.filter((one) => one.metadata.probability === '1.0').length,
      names: properties.results.map((one) => one.name).filter((one) => one.startsWith('hs_v2_')).length,
      portal: known.hubId,
    }
  },
  async dated() {
    const answer = await client.apiRequest({ path: '/crm/objects/2026-03/deals', qs: { limit: 2 } })
    return { status: answer.status, count: (await answer.json()).results.length }
  },
  async errors() {
    const codes = {}
    for (const [name, ask] of Object.entries({
      missing: () => deals.basicApi.getById('1'),
      bad: () => deals.basicApi.create({ properties: { no_such_property: 'x' }, associations: [] }),
    })) {
      await ask().catch((error) => { codes[name] = [error.code, error.body.category] })
    }
    return codes
  },
  async signature() {
    const [body, timestamp, signature, uri] = JSON.parse(process.env.HUBSPOT_SIGNED)
    return {
      valid: Signature.isValid({
        signatureVersion: 'v3', signature, clientSecret: access.app_secret,
        method: 'POST', requestBody: body, url: uri, timestamp: Number(timestamp),
      }),
    }
  },
}

const result = await scenarios[process.argv[2]]()
process.stdout.write(JSON.stringify(result))
