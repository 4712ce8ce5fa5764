"""Fields that nearly every object has."""

AUDIT = """
CreatedDate datetime r
CreatedById ref:User r
LastModifiedDate datetime r
LastModifiedById ref:User r
SystemModstamp datetime r
"""
#: Objects whose records go to the recycle bin.
COMMON = "Id id r\nIsDeleted bool r\n" + AUDIT
#: Objects whose records stay.
PLAIN = "Id id r\n" + AUDIT
