"""Opportunities and what hangs on them."""

from crm_loop_sandbox.salesforce.objects.parts import COMMON, PLAIN

SALES = {
    "Opportunity": COMMON
    + """
AccountId ref:Account>Opportunities
IsPrivate bool
Name string(120) !
Description textarea(32000) n
StageName picklist !
Amount currency
Probability percent
ExpectedRevenue currency r
TotalOpportunityQuantity double
CloseDate date !
Type picklist
NextStep string(255)
LeadSource picklist
IsClosed bool r
IsWon bool r
ForecastCategory picklist r
ForecastCategoryName picklist
CampaignId ref:Campaign>Opportunities
HasOpportunityLineItem bool r
OwnerId ref:User
LastActivityDate date r
LastStageChangeDate datetime r
FiscalQuarter int r
FiscalYear int r
Fiscal string(6) r
ContactId ref:Contact c
PushCount int r
SyncedQuoteId ref:Quote
IsSplit bool ro
HasOpenActivity bool rn
HasOverdueTask bool rn
LastAmountChangedHistoryId ref:OpportunityHistory r
LastCloseDateChangedHistoryId ref:OpportunityHistory r
""",
    "OpportunityHistory": """
Id id r
OpportunityId ref:Opportunity>OpportunityHistories r
StageName picklist r
Amount currency r
ExpectedRevenue currency r
CloseDate date r
Probability percent r
ForecastCategory picklist r
PrevAmount currency r
PrevCloseDate date r
CreatedById ref:User r
CreatedDate datetime r
SystemModstamp datetime r
IsDeleted bool r
""",
    "OpportunityFieldHistory": """
Id id r
IsDeleted bool r
OpportunityId ref:Opportunity>Histories r
CreatedById ref:User r
CreatedDate datetime r
Field picklist r
DataType picklist r
OldValue any rn
NewValue any rn
""",
    "OpportunityStage": PLAIN
    + """
ApiName string(255) r
MasterLabel string(255) r
SortOrder int r
IsActive bool r
IsClosed bool r
IsWon bool r
DefaultProbability percent r
ForecastCategory picklist r
ForecastCategoryName picklist r
Description string(255) r
""",
    "OpportunityContactRole": COMMON
    + """
OpportunityId ref:Opportunity>OpportunityContactRoles !c
ContactId ref:Contact>OpportunityContactRoles !
Role picklist
IsPrimary bool
""",
    "OpportunitySplitType": PLAIN
    + "DeveloperName string(80) r\nMasterLabel string(80) r\nIsActive bool r\n"
    "IsTotalValidated bool r\nSplitEntity picklist r\nSplitField picklist r\n",
    "OpportunitySplit": COMMON
    + """
OpportunityId ref:Opportunity>OpportunitySplits !c
SplitOwnerId ref:User !
SplitPercentage percent !
SplitAmount currency r
SplitNote string(255)
SplitTypeId ref:OpportunitySplitType !c
""",
    "Quote": COMMON
    + """
Name string(255) !
QuoteNumber string(40) r
OpportunityId ref:Opportunity>Quotes !c
AccountId ref:Account>Quotes r
ContactId ref:Contact>Quotes
OwnerId ref:User
Status picklist
IsSyncing bool r
ExpirationDate date
Subtotal currency r
TotalPrice currency r
GrandTotal currency r
Discount percent r
Description textarea(32000) n
""",
}
