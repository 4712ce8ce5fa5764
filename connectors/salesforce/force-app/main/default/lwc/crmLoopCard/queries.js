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

// Apart from the rest: where an org does not serve tasks this way, only this part is missing.
export const ACTIONS = gql`
  query crmLoopActions($repId: ID) {
    uiapi {
      query {
        Task(
          first: 10
          where: {
            OwnerId: { eq: $repId }
            IsClosed: { eq: false }
            CrmLoop_Key__c: { like: "cl1t%" }
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
