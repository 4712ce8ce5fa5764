"""HubSpot's own properties of what is sold and of leads; lines as in the main catalogue."""

SALES_PROPERTIES = {
    "0-5": """
subject string Ticket name
content string Ticket description
hs_pipeline enumeration Pipeline
hs_pipeline_stage enumeration Ticket status
hs_ticket_category enumeration Category | PRODUCT_ISSUE BILLING_ISSUE \
FEATURE_REQUEST GENERAL_INQUIRY
hs_ticket_priority enumeration Priority | LOW MEDIUM HIGH URGENT
source_type enumeration Source | CHAT EMAIL FORM PHONE
createdate datetime Create date
""",
    "0-7": """
name string Name
description string Product description
price number Unit price
hs_sku string SKU
hs_cost_of_goods_sold number Unit cost
hs_recurring_billing_period string Term
createdate datetime Create Date
""",
    "0-8": """
name string Name
description string Description
quantity number Quantity
price number Unit price
discount number Unit discount
hs_discount_percentage number Discount percentage
hs_sku string SKU
hs_product_id number Product ID
hs_line_item_currency_code string Currency
hs_recurring_billing_period string Term
hs_recurring_billing_start_date date Billing start date
recurringbillingfrequency enumeration Billing frequency | weekly monthly quarterly annually
createdate datetime Create Date
=amount number Net price
""",
    "0-14": """
hs_title string Quote title
hs_status enumeration Status | DRAFT APPROVAL_NOT_NEEDED PENDING_APPROVAL APPROVED REJECTED
hs_expiration_date datetime Expiration date
hs_currency string Currency
hs_language string Language
hs_sender_email string Sender email
hs_quote_amount number Quote amount
hs_public_url_key string Public URL key
hs_esign_enabled bool E-signature
createdate datetime Create date
""",
    "0-72": """
hs_deal_split_percentage number Split percentage
=hs_deal_split_amount number Split amount
""",
    "0-136": """
hs_lead_name string Lead name
hs_lead_type enumeration Lead type | NEW_BUSINESS UPSELL RE_ATTEMPTING
hs_lead_label enumeration Lead label | HOT WARM COLD
hs_pipeline enumeration Lead pipeline
hs_pipeline_stage enumeration Lead stage
hs_lead_source string Source
hs_associated_company_name string Associated company name
""",
}
SALES_GROUPS = {
    "0-5": ("ticketinformation", "Ticket information"),
    "0-7": ("productinformation", "Product information"),
    "0-8": ("lineiteminformation", "Line item information"),
    "0-14": ("quoteinformation", "Quote information"),
    "0-72": ("deal_split_information", "Deal split information"),
    "0-136": ("lead_information", "Lead information"),
}
