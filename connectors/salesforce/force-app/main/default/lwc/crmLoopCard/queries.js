import { gql } from "lightning/graphql";

// The 1on1 that comes next; today's still counts, so that a next step can be typed after it.
export const NEXT_SESSION = gql`
  query crmLoopNextSession($repId: ID) {
    uiapi {
      query {
        CrmLoop_Session__c(
          first: 1
          where: {
            Rep__c: { eq: $repId }
            Status__c: { eq: "planned" }
            Scheduled_At__c: { gte: { literal: TODAY } }
          }
          orderBy: { Scheduled_At__c: { order: ASC } }
        ) {
          edges {
            node {
              Id
              Rep__c {
                value
              }
              Scheduled_At__c {
                value
              }
              Summary__c {
                value
              }
            }
          }
        }
      }
    }
  }
`;

// The 1on1 whose page the card is on.
export const THIS_SESSION = gql`
  query crmLoopThisSession($sessionId: ID) {
    uiapi {
      query {
        CrmLoop_Session__c(first: 1, where: { Id: { eq: $sessionId } }) {
          edges {
            node {
              Id
              Rep__c {
                value
              }
              Rep__r {
                Name {
                  value
                }
                LastName {
                  value
                }
              }
              Scheduled_At__c {
                value
              }
              Summary__c {
                value
              }
            }
          }
        }
      }
    }
  }
`;

export const FIGURES = gql`
  query crmLoopFigures($repId: ID) {
    uiapi {
      query {
        CrmLoop_KPI_Snapshot__c(
          first: 10
          where: { Rep__c: { eq: $repId }, Is_Latest__c: { eq: true } }
          orderBy: { KPI_Label__c: { order: ASC } }
        ) {
          edges {
            node {
              Id
              KPI_Label__c {
                value
              }
              Actual__c {
                value
              }
              Target__c {
                value
              }
              As_Of__c {
                value
              }
              KPI__r {
                Unit__c {
                  value
                }
                Direction__c {
                  value
                }
              }
            }
          }
        }
      }
    }
  }
`;

// Agreed steps, and to-dos that people made for a 1on1: marked in their subject, or linked to it.
// Apart from the rest: where an org does not serve tasks this way, only this part is missing.
export const ACTIONS = gql`
  query crmLoopActions($repId: ID) {
    uiapi {
      query {
        Task(
          first: 10
          where: {
            and: [
              { OwnerId: { eq: $repId } }
              { IsClosed: { eq: false } }
              {
                or: [
                  { CrmLoop_Key__c: { like: "cl1t%" } }
                  { CrmLoop_Session__c: { ne: null } }
                  { Subject: { like: "%[1on1]%" } }
                  { Subject: { like: "%[１on１]%" } }
                  { Subject: { like: "%[１ｏｎ１]%" } }
                  { Subject: { like: "%［1on1］%" } }
                  { Subject: { like: "%［１on１］%" } }
                  { Subject: { like: "%［１ｏｎ１］%" } }
                  { Subject: { like: "%【1on1】%" } }
                  { Subject: { like: "%【１on１】%" } }
                  { Subject: { like: "%【１ｏｎ１】%" } }
                ]
              }
            ]
          }
          orderBy: { ActivityDate: { order: ASC } }
        ) {
          edges {
            node {
              Id
              Subject {
                value
              }
              ActivityDate {
                value
              }
            }
          }
        }
      }
    }
  }
`;

export function nodes(data, objectName) {
  const edges = data?.uiapi?.query?.[objectName]?.edges ?? [];
  return edges.map(({ node }) => node);
}
