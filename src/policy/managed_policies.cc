#include "policy/managed_policies.h"

namespace larder::policy {

namespace {

// The text is AWS's own. Three policies are cut to the services that Larder has or names (s3,
// s3-object-lambda, iam, sts, ec2, kms, organizations): ReadOnlyAccess, SecurityAudit and
// ViewOnlyAccess; what AWS lists for its other services allows nothing here. A version id is the
// one of AWS that §D.5 names, and the only one kept.

constexpr std::string_view aws_deny_all = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "DenyAll",
            "Effect": "Deny",
            "Action": [
                "*"
            ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view administrator_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view amazon_ec2_full_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "ec2:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "elasticloadbalancing:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "cloudwatch:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "autoscaling:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "iam:AWSServiceName": [
                        "autoscaling.amazonaws.com",
                        "ec2scheduled.amazonaws.com",
                        "elasticloadbalancing.amazonaws.com",
                        "spot.amazonaws.com",
                        "spotfleet.amazonaws.com",
                        "transitgateway.amazonaws.com"
                    ]
                }
            }
        }
    ]
})";

constexpr std::string_view amazon_ec2_read_only_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "EC2",
            "Effect": "Allow",
            "Action": [
                "ec2:Describe*",
                "ec2:Get*"
                        ],
            "Resource": "*"
        },
        {
            "Sid": "ELB",
            "Effect": "Allow",
            "Action": "elasticloadbalancing:Describe*",
            "Resource": "*"
        },
        {
            "Sid": "Cloudwatch",
            "Effect": "Allow",
            "Action": [
                "cloudwatch:ListMetrics",
                "cloudwatch:GetMetricStatistics",
                "cloudwatch:Describe*"
                        ],
            "Resource": "*"
        },
        {
            "Sid": "Autoscaling",
            "Effect": "Allow",
            "Action": "autoscaling:Describe*",
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view amazon_s3_full_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:*",
                "s3-object-lambda:*"
                        ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view amazon_s3_read_only_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:Get*",
                "s3:List*",
                "s3:Describe*",
                "s3-object-lambda:Get*",
                "s3-object-lambda:List*"
                        ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view amazon_ssm_managed_instance_core = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "ssm:DescribeAssociation", "ssm:GetDeployablePatchSnapshotForInstance",
                "ssm:GetDocument", "ssm:DescribeDocument", "ssm:GetManifest", "ssm:GetParameter",
                "ssm:GetParameters", "ssm:ListAssociations", "ssm:ListInstanceAssociations",
                "ssm:PutInventory", "ssm:PutComplianceItems", "ssm:PutConfigurePackageResult",
                "ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus",
                "ssm:UpdateInstanceInformation"
            ],
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel"
                        ],
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": [
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply"
                        ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view cloud_watch_agent_server_policy = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "CWACloudWatchServerPermissions",
            "Effect": "Allow",
            "Action": [
                "cloudwatch:PutMetricData", "ec2:DescribeVolumes", "ec2:DescribeTags",
                "logs:PutLogEvents", "logs:PutRetentionPolicy", "logs:DescribeLogStreams",
                "logs:DescribeLogGroups", "logs:CreateLogStream", "logs:CreateLogGroup",
                "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules",
                "xray:GetSamplingTargets", "xray:GetSamplingStatisticSummaries"
            ],
            "Resource": "*"
        },
        {
            "Sid": "CWASSMServerPermissions",
            "Effect": "Allow",
            "Action": [
                "ssm:GetParameter"
                        ],
            "Resource": "arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*"
        }
    ]
})";

constexpr std::string_view iam_full_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:*", "organizations:DescribeAccount", "organizations:DescribeOrganization",
                "organizations:DescribeOrganizationalUnit", "organizations:DescribePolicy",
                "organizations:ListChildren", "organizations:ListParents",
                "organizations:ListPoliciesForTarget", "organizations:ListRoots",
                "organizations:ListPolicies", "organizations:ListTargetsForPolicy"
            ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view iam_read_only_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:GenerateCredentialReport",
                "iam:GenerateServiceLastAccessedDetails",
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy"
                        ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view iam_user_change_password = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:ChangePassword"
                        ],
            "Resource": [
                "arn:aws:iam::*:user/${aws:username}"
                        ]
        },
        {
            "Effect": "Allow",
            "Action": [
                "iam:GetAccountPasswordPolicy"
                        ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view power_user_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "NotAction": [
                "iam:*",
                "organizations:*",
                "account:*"
                        ],
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": [
                "account:GetAccountInformation", "account:GetPrimaryEmail",
                "account:ListRegions", "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole", "iam:ListRoles",
                "organizations:DescribeEffectivePolicy", "organizations:DescribeOrganization"
            ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view read_only_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "ec2:Describe*", "ec2:Get*", "ec2:ListSnapshotsInRecycleBin",
                "ec2:SearchLocalGatewayRoutes", "ec2:SearchTransitGatewayRoutes",
                "iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*", "kms:Describe*",
                "kms:Get*", "kms:List*", "organizations:Describe*", "organizations:List*",
                "s3-object-lambda:GetObject", "s3-object-lambda:GetObjectAcl",
                "s3-object-lambda:GetObjectLegalHold", "s3-object-lambda:GetObjectRetention",
                "s3-object-lambda:GetObjectTagging", "s3-object-lambda:GetObjectVersion",
                "s3-object-lambda:GetObjectVersionAcl",
                "s3-object-lambda:GetObjectVersionTagging", "s3-object-lambda:ListBucket",
                "s3-object-lambda:ListBucketMultipartUploads",
                "s3-object-lambda:ListBucketVersions",
                "s3-object-lambda:ListMultipartUploadParts", "s3:DescribeJob", "s3:Get*",
                "s3:List*", "sts:GetAccessKeyInfo", "sts:GetCallerIdentity",
                "sts:GetSessionToken"
            ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view security_audit = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "BaseSecurityAuditStatement",
            "Effect": "Allow",
            "Action": [
                "ec2:Describe*", "ec2:GetEbsEncryptionByDefault",
                "ec2:GetImageBlockPublicAccessState", "ec2:GetManagedPrefixListAssociations",
                "ec2:GetManagedPrefixListEntries", "iam:GenerateCredentialReport",
                "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
                "iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy", "kms:Describe*",
                "kms:Get*", "kms:List*", "organizations:Describe*", "organizations:List*",
                "s3:GetAccelerateConfiguration", "s3:GetAccessPoint", "s3:GetAccessPointPolicy",
                "s3:GetAccessPointPolicyStatus", "s3:GetAccountPublicAccessBlock",
                "s3:GetAnalyticsConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration",
                "s3:GetInventoryConfiguration", "s3:GetLifecycleConfiguration",
                "s3:GetMetricsConfiguration", "s3:GetMultiRegionAccessPointPolicy",
                "s3:GetObjectAcl", "s3:GetObjectVersionAcl", "s3:GetReplicationConfiguration",
                "s3:ListAccessPoints", "s3:ListAllMyBuckets", "s3:ListMultiRegionAccessPoints",
                "sts:GetAccessKeyInfo"
            ],
            "Resource": "*"
        }
    ]
})";

constexpr std::string_view view_only_access = R"({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GeneralViewOnlyAccessStatement",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses",
                "ec2:DescribeAvailabilityZones", "ec2:DescribeBundleTasks",
                "ec2:DescribeCarrierGateways", "ec2:DescribeClassicLinkInstances",
                "ec2:DescribeConversionTasks", "ec2:DescribeCustomerGateways",
                "ec2:DescribeDhcpOptions", "ec2:DescribeExportTasks", "ec2:DescribeFlowLogs",
                "ec2:DescribeHost*", "ec2:DescribeIdentityIdFormat", "ec2:DescribeIdFormat",
                "ec2:DescribeImage*", "ec2:DescribeImport*", "ec2:DescribeInstance*",
                "ec2:DescribeInternetGateways", "ec2:DescribeKeyPairs",
                "ec2:DescribeMovingAddresses", "ec2:DescribeNatGateways", "ec2:DescribeNetwork*",
                "ec2:DescribePlacementGroups", "ec2:DescribePrefixLists", "ec2:DescribeRegions",
                "ec2:DescribeReserved*", "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
                "ec2:DescribeSnapshot*", "ec2:DescribeSpot*", "ec2:DescribeSubnets",
                "ec2:DescribeTags", "ec2:DescribeVolume*", "ec2:DescribeVpc*",
                "ec2:DescribeVpnGateways", "ec2:SearchLocalGatewayRoutes",
                "iam:GetAccountSummary", "iam:GetLoginProfile", "iam:List*", "kms:ListKeys",
                "kms:ListResourceTags", "organizations:List*", "s3:ListAllMyBuckets",
                "s3:ListBucket", "s3:ListMultiRegionAccessPoints"
            ],
            "Resource": "*"
        }
    ]
})";

constexpr ManagedPolicy policies[] = {
    {"AWSDenyAll", "/", "v2", "Deny all access.", aws_deny_all},
    {"AdministratorAccess", "/", "v1", "Provides full access to AWS services and resources.",
     administrator_access},
    {"AmazonEC2FullAccess", "/", "v5",
     "Provides full access to Amazon EC2 via the AWS Management Console.", amazon_ec2_full_access},
    {"AmazonEC2ReadOnlyAccess", "/", "v3",
     "Provides read only access to Amazon EC2 via the AWS Management Console.",
     amazon_ec2_read_only_access},
    {"AmazonS3FullAccess", "/", "v2",
     "Provides full access to all buckets via the AWS Management Console.", amazon_s3_full_access},
    {"AmazonS3ReadOnlyAccess", "/", "v3",
     "Provides read only access to all buckets via the AWS Management Console.",
     amazon_s3_read_only_access},
    {"AmazonSSMManagedInstanceCore", "/", "v2",
     "The policy for Amazon EC2 Role to enable AWS Systems Manager service core "
     "functionality.",
     amazon_ssm_managed_instance_core},
    {"CloudWatchAgentServerPolicy", "/", "v3",
     "Permissions required to use AmazonCloudWatchAgent on servers",
     cloud_watch_agent_server_policy},
    {"IAMFullAccess", "/", "v2", "Provides full access to IAM via the AWS Management Console.",
     iam_full_access},
    {"IAMReadOnlyAccess", "/", "v4",
     "Provides read only access to IAM via the AWS Management Console.", iam_read_only_access},
    {"IAMUserChangePassword", "/", "v2",
     "Provides the ability for an IAM user to change their own password.",
     iam_user_change_password},
    {"PowerUserAccess", "/", "v6",
     "Provides full access to AWS services and resources, but does not allow management of "
     "Users and groups.",
     power_user_access},
    {"ReadOnlyAccess", "/", "v128", "Provides read-only access to AWS services and resources.",
     read_only_access},
    {"SecurityAudit", "/", "v49",
     "The security audit template grants access to read security configuration metadata. It "
     "is useful for software that audits the configuration of an AWS account.",
     security_audit},
    {"ViewOnlyAccess", "/job-function/", "v23",
     "This policy grants permissions to view resources and basic metadata across all AWS "
     "services.",
     view_only_access},
};

}  // namespace

std::span<const ManagedPolicy> managed_policies() { return policies; }

}  // namespace larder::policy
