#include "policy/action_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/match.h"

namespace larder::policy {
namespace {

const ActionTable& table() { return action_table(); }

const Action& action(std::string_view name) {
  const Action* found = table().action(name);
  EXPECT_NE(found, nullptr) << name;
  static const Action none{};
  return found == nullptr ? none : *found;
}

const ConditionKey& key(std::string_view name) {
  const ConditionKey* found = table().condition_key(name);
  EXPECT_NE(found, nullptr) << name;
  static const ConditionKey none{};
  return found == nullptr ? none : *found;
}

bool supplies(std::string_view action_name, std::string_view key_name) {
  return table().supplies(action(action_name), key(key_name));
}

bool applies_to(std::string_view action_name, std::string_view resource) {
  const auto& all = action(action_name).resources;
  return std::ranges::find(all, resource) != all.end();
}

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

/// Each name once, whatever its case.
template <class List, class Name>
void expect_unique(const List& list, Name name) {
  std::set<std::string> seen;
  for (const auto& one : list)
    EXPECT_TRUE(seen.insert(lower(std::invoke(name, one))).second) << std::invoke(name, one);
}

template <class Visit>
void each_action(Visit&& visit) {
  for (const Service& service : table().services())
    for (const Action& one : service.actions) visit(service, one);
}

TEST(ActionTable, HasTheServicesThatLarderHas) {
  ASSERT_EQ(table().services().size(), 5u);
  for (const std::string_view prefix : {"ec2", "iam", "kms", "s3", "sts"}) {
    const Service* service = table().service(prefix);
    ASSERT_NE(service, nullptr) << prefix;
    EXPECT_EQ(service->prefix, prefix);
    EXPECT_EQ(service->complete, prefix != "ec2") << prefix;
  }
  EXPECT_EQ(table().service("dynamodb"), nullptr);
  EXPECT_EQ(table().service(""), nullptr);
}

TEST(ActionTable, NamesNothingTwice) {
  expect_unique(table().condition_keys(), &ConditionKey::name);
  for (const Service& service : table().services()) {
    expect_unique(service.actions, &Action::name);
    expect_unique(service.resources, &ResourceType::name);
  }
}

TEST(ActionTable, EveryKeyOfAnActionIsAmongTheKeys) {
  each_action([](const Service&, const Action& one) {
    for (const std::string& name : one.condition_keys)
      EXPECT_EQ(key(name).name, name) << one.name << " names " << name;
  });
}

TEST(ActionTable, EveryResourceOfAnActionIsAmongTheServicesResources) {
  each_action([](const Service& service, const Action& one) {
    for (const std::string& name : one.resources) {
      const ResourceType* found = table().resource(service, name);
      ASSERT_NE(found, nullptr) << one.name << " names " << name;
      EXPECT_EQ(found->name, name);
    }
  });
}

TEST(ActionTable, WhatHasNoStarIsFoundAsItself) {
  each_action([](const Service& service, const Action& one) {
    EXPECT_EQ(table().action(one.name), &one);
    EXPECT_TRUE(one.name.starts_with(service.prefix + ":")) << one.name;
  });
  for (const ConditionKey& one : table().condition_keys()) {
    EXPECT_EQ(table().condition_key(one.name), &one);
    EXPECT_LE(std::ranges::count(one.name, '*'), 1) << one.name;
  }
}

TEST(ActionTable, EveryResourceIsAnArn) {
  for (const Service& service : table().services())
    for (const ResourceType& resource : service.resources) {
      EXPECT_TRUE(split_arn(resource.pattern).has_value()) << resource.pattern;
      EXPECT_TRUE(resource.pattern.starts_with("arn:aws:")) << resource.pattern;
    }
}

TEST(ActionTable, EveryKeyOfALarderServiceComesWithSomeAction) {
  std::set<std::string_view> named;
  each_action([&](const Service&, const Action& one) {
    named.insert(one.condition_keys.begin(), one.condition_keys.end());
  });
  for (const ConditionKey& one : table().condition_keys()) {
    const Service* owner = table().service(one.name.substr(0, one.name.find(':')));
    if (one.global || owner == nullptr || !owner->complete) continue;
    if (one.name.starts_with("kms:CustomerMasterKey")) continue;  // AWS's names before kms:Key…
    EXPECT_TRUE(named.contains(one.name)) << one.name;
  }
}

TEST(ActionTable, IgnoresCase) {
  EXPECT_EQ(table().action("S3:getOBJECT"), &action("s3:GetObject"));
  EXPECT_EQ(table().service("IAM"), table().service("iam"));
  EXPECT_EQ(&key("AWS:SOURCEIP"), &key("aws:SourceIp"));
  EXPECT_EQ(&key("S3:VersionId"), &key("s3:versionid"));
  EXPECT_EQ(&key("aws:principaltag/Team"), &key("aws:PrincipalTag/*"));
  const Service& s3 = *table().service("s3");
  EXPECT_EQ(table().resource(s3, "Bucket"), table().resource(s3, "bucket"));
}

TEST(ActionTable, HasNoActionOfAnotherName) {
  for (const std::string_view name :
       {"s3:GetObjects", "s3:ListObjects", "s3:HeadObject", "s3:CopyObject", "s3:DeleteBucketCORS",
        "s3:", "s3", "", ":", "GetObject", "s3:*", "iam:GetObject", "s3:GetObject ",
        "kms:ReEncrypt", "dynamodb:GetItem"})
    EXPECT_EQ(table().action(name), nullptr) << name;
  EXPECT_EQ(table().resource(*table().service("iam"), "bucket"), nullptr);
}

TEST(ActionTable, AStarOfAKeyStandsForSomething) {
  EXPECT_EQ(key("s3:ExistingObjectTag/owner").name, "s3:ExistingObjectTag/*");
  EXPECT_EQ(key("kms:EncryptionContext:aws:s3:arn").name, "kms:EncryptionContext:*");
  EXPECT_EQ(key("kms:EncryptionContextKeys").name, "kms:EncryptionContextKeys");
  EXPECT_EQ(key("token.actions.githubusercontent.com/acme:ref").name,
            "token.actions.githubusercontent.com/*:ref");
  for (const std::string_view name :
       {"aws:PrincipalTag/", "aws:PrincipalTag", "aws:SourceIpAddress", "s3:ExistingObjectTag",
        "aws:", "", "s3:Prefixes", "SourceIp"})
    EXPECT_EQ(table().condition_key(name), nullptr) << name;
}

TEST(ActionTable, KnowsTheTypesOfGlobalKeys) {
  EXPECT_EQ(key("aws:SourceIp").type, KeyType::ip_address);
  EXPECT_EQ(key("aws:CurrentTime").type, KeyType::date);
  EXPECT_EQ(key("aws:TokenIssueTime").type, KeyType::date);
  EXPECT_EQ(key("aws:SecureTransport").type, KeyType::boolean);
  EXPECT_EQ(key("aws:MultiFactorAuthAge").type, KeyType::numeric);
  EXPECT_EQ(key("aws:PrincipalArn").type, KeyType::arn);
  EXPECT_EQ(key("aws:userid").type, KeyType::string);
  EXPECT_EQ(key("ec2:SourceInstanceARN").type, KeyType::arn);
  EXPECT_EQ(key("ec2:RoleDelivery").type, KeyType::numeric);
}

TEST(ActionTable, KnowsTheKeysWithSeveralValues) {
  for (const std::string_view name :
       {"aws:TagKeys", "aws:CalledVia", "aws:PrincipalOrgPaths", "aws:ResourceOrgPaths",
        "aws:PrincipalServiceNamesList", "s3:RequestObjectTagKeys", "kms:GrantOperations",
        "kms:EncryptionContextKeys", "sts:TransitiveTagKeys"})
    EXPECT_TRUE(key(name).multi_valued) << name;
  for (const std::string_view name :
       {"aws:SourceIp", "aws:CalledViaFirst", "aws:RequestTag/x", "s3:prefix"})
    EXPECT_FALSE(key(name).multi_valued) << name;
}

TEST(ActionTable, GlobalKeysComeWithEveryAction) {
  for (const std::string_view name : {"aws:CurrentTime",
                                      "aws:EpochTime",
                                      "aws:SecureTransport",
                                      "aws:SourceIp",
                                      "aws:UserAgent",
                                      "aws:userid",
                                      "aws:username",
                                      "aws:PrincipalType",
                                      "aws:PrincipalAccount",
                                      "aws:PrincipalArn",
                                      "aws:PrincipalTag/team",
                                      "aws:RequestedRegion",
                                      "aws:ResourceAccount",
                                      "aws:ViaAWSService",
                                      "aws:PrincipalIsAWSService",
                                      "aws:TokenIssueTime",
                                      "aws:MultiFactorAuthPresent",
                                      "aws:SourceIdentity",
                                      "aws:Referer",
                                      "ec2:SourceInstanceARN",
                                      "ec2:RoleDelivery"}) {
    EXPECT_TRUE(key(name).global) << name;
    EXPECT_TRUE(key(name).supplied) << name;
    EXPECT_TRUE(supplies("s3:GetObject", name)) << name;
    EXPECT_TRUE(supplies("sts:GetCallerIdentity", name)) << name;
  }
}

TEST(ActionTable, KeysThatLarderNeverSuppliesAreKnownAllTheSame) {
  for (const std::string_view name :
       {"aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:SourceVpc", "aws:SourceVpce",
        "aws:VpcSourceIp", "aws:Ec2InstanceSourceVpc", "aws:CalledVia", "aws:SourceArn",
        "aws:SourceAccount", "lambda:SourceFunctionArn"}) {
    EXPECT_FALSE(key(name).supplied) << name;
    EXPECT_TRUE(supplies("s3:GetObject", name)) << name;
  }
}

TEST(ActionTable, TagsOfTheRequestComeWithTheActionsThatTag) {
  EXPECT_TRUE(supplies("iam:CreateRole", "aws:RequestTag/team"));
  EXPECT_TRUE(supplies("iam:TagUser", "aws:TagKeys"));
  EXPECT_TRUE(supplies("sts:AssumeRole", "aws:RequestTag/team"));
  EXPECT_FALSE(supplies("s3:GetObject", "aws:RequestTag/team"));
  EXPECT_FALSE(supplies("iam:ListUsers", "aws:TagKeys"));
  // Of what is tagged, through its type of resource.
  EXPECT_TRUE(supplies("iam:GetRole", "aws:ResourceTag/team"));
  EXPECT_FALSE(supplies("iam:ListRoles", "aws:ResourceTag/team"));
}

TEST(ActionTable, KeysOfS3ComeWithTheirActions) {
  for (const std::string_view name : {"s3:prefix", "s3:delimiter", "s3:max-keys"}) {
    EXPECT_TRUE(supplies("s3:ListBucket", name)) << name;
    EXPECT_TRUE(supplies("s3:ListBucketVersions", name)) << name;
    EXPECT_FALSE(supplies("s3:GetObject", name)) << name;
  }
  for (const std::string_view name :
       {"s3:x-amz-acl", "s3:x-amz-grant-read", "s3:x-amz-server-side-encryption",
        "s3:x-amz-storage-class", "s3:if-none-match", "s3:if-match", "s3:RequestObjectTag/a",
        "s3:object-lock-mode", "s3:x-amz-copy-source"}) {
    EXPECT_TRUE(supplies("s3:PutObject", name)) << name;
    EXPECT_FALSE(supplies("s3:GetObject", name)) << name;
  }
  EXPECT_TRUE(supplies("s3:GetObject", "s3:ExistingObjectTag/owner"));
  EXPECT_TRUE(supplies("s3:GetObjectVersion", "s3:VersionId"));
  EXPECT_FALSE(supplies("s3:GetObject", "s3:VersionId"));
  EXPECT_TRUE(supplies("s3:ListAllMyBuckets", "s3:authType"));
  EXPECT_TRUE(supplies("s3:GetObject", "s3:DataAccessPointArn"));
  EXPECT_FALSE(supplies("s3:PutObject", "iam:PassedToService"));
}

TEST(ActionTable, KnowsWhatActionsApplyTo) {
  const std::vector<std::string> role{"role"};
  EXPECT_EQ(action("iam:PassRole").resources, role);
  EXPECT_EQ(action("sts:AssumeRole").resources, role);
  EXPECT_TRUE(action("s3:ListAllMyBuckets").resources.empty());
  EXPECT_TRUE(action("iam:ListUsers").resources.empty());
  EXPECT_TRUE(action("ec2:DescribeInstances").resources.empty());
  EXPECT_TRUE(applies_to("s3:ListBucket", "bucket"));
  EXPECT_TRUE(applies_to("s3:GetObject", "object"));
  EXPECT_FALSE(applies_to("s3:GetObject", "bucket"));
  EXPECT_TRUE(applies_to("ec2:TerminateInstances", "instance"));
  EXPECT_TRUE(applies_to("ec2:CreateTags", "volume"));
  EXPECT_EQ(table().resource(*table().service("s3"), "object")->pattern, "arn:aws:s3:::*/*");
  EXPECT_EQ(table().resource(*table().service("iam"), "role")->pattern, "arn:aws:iam::*:role/*");
  EXPECT_EQ(table().resource(*table().service("kms"), "key")->pattern, "arn:aws:kms:*:*:key/*");
}

TEST(ActionTable, MarksTheActionsThatAreNoOperations) {
  for (const std::string_view name :
       {"iam:PassRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext",
        "s3:BypassGovernanceRetention", "s3:ReplicateObject", "s3:ListAllMyBuckets",
        "s3:ListBucket", "s3:GetObjectVersion", "kms:ReEncryptFrom"})
    EXPECT_TRUE(action(name).permission_only) << name;
  for (const std::string_view name : {"iam:CreateRole", "sts:AssumeRole", "s3:GetObject",
                                      "s3:PutBucketPolicy", "kms:Decrypt", "ec2:RunInstances"})
    EXPECT_FALSE(action(name).permission_only) << name;
}

TEST(ActionTable, WhatIsKnownByNameOnlyMaySupplyAnything) {
  EXPECT_TRUE(supplies("ec2:CreateVpc", "ec2:Vpc"));
  EXPECT_TRUE(supplies("ec2:CreateVpc", "aws:RequestTag/team"));
  EXPECT_TRUE(supplies("ec2:DescribeInstances", "ec2:Region"));
  EXPECT_FALSE(supplies("ec2:DescribeInstances", "ec2:InstanceType"));
  EXPECT_FALSE(supplies("iam:CreateAccountAlias", "iam:PassedToService"));
}

struct Demand {
  std::string_view action;
  std::vector<std::string_view> keys{};
};

// What Larder's operations ask for, and the keys that they put into the context for it.

const std::vector<std::string_view> tags{"aws:RequestTag/team", "aws:TagKeys"};
const std::vector<std::string_view> put{"s3:x-amz-acl",
                                        "s3:x-amz-grant-full-control",
                                        "s3:x-amz-grant-read",
                                        "s3:x-amz-grant-read-acp",
                                        "s3:x-amz-grant-write-acp",
                                        "s3:x-amz-storage-class"};

const Demand demands_of_s3[] = {
    {"s3:AbortMultipartUpload"},
    {"s3:CreateBucket", {"s3:LocationConstraint", "s3:x-amz-acl", "s3:x-amz-object-ownership"}},
    {"s3:DeleteBucket"},
    {"s3:DeleteBucketPolicy"},
    {"s3:DeleteObject"},
    {"s3:DeleteObjectVersion", {"s3:VersionId"}},
    {"s3:GetBucketLocation"},
    {"s3:GetBucketPolicy"},
    {"s3:GetObject"},
    {"s3:GetObjectVersion", {"s3:VersionId"}},
    {"s3:ListAllMyBuckets"},
    {"s3:ListBucket", {"s3:prefix", "s3:delimiter", "s3:max-keys"}},
    {"s3:ListBucketMultipartUploads"},  // AWS gives it no s3:prefix; Larder does
    {"s3:ListMultipartUploadParts"},
    {"s3:PutBucketPolicy"},
    {"s3:PutObject", put},
    {"s3:PutObject", {"s3:if-match", "s3:if-none-match", "s3:x-amz-metadata-directive"}},
    {"s3:PutObjectAcl", put}};

const Demand demands_of_iam[] = {
    {"iam:AddRoleToInstanceProfile"},
    {"iam:AttachRolePolicy", {"iam:PolicyARN", "iam:PermissionsBoundary"}},
    {"iam:AttachUserPolicy", {"iam:PolicyARN", "iam:PermissionsBoundary"}},
    {"iam:CreateAccessKey"},
    {"iam:CreateInstanceProfile", tags},
    {"iam:CreatePolicy", tags},
    {"iam:CreatePolicyVersion"},
    {"iam:CreateRole", {"iam:PermissionsBoundary", "aws:RequestTag/team", "aws:TagKeys"}},
    {"iam:CreateUser", {"iam:PermissionsBoundary", "aws:RequestTag/team", "aws:TagKeys"}},
    {"iam:DeleteAccessKey"},
    {"iam:DeleteInstanceProfile"},
    {"iam:DeletePolicy"},
    {"iam:DeletePolicyVersion"},
    {"iam:DeleteRole"},
    {"iam:DeleteRolePermissionsBoundary", {"iam:PermissionsBoundary"}},
    {"iam:DeleteRolePolicy", {"iam:PermissionsBoundary"}},
    {"iam:DeleteUser"},
    {"iam:DeleteUserPermissionsBoundary", {"iam:PermissionsBoundary"}},
    {"iam:DeleteUserPolicy", {"iam:PermissionsBoundary"}},
    {"iam:DetachRolePolicy", {"iam:PolicyARN", "iam:PermissionsBoundary"}},
    {"iam:DetachUserPolicy", {"iam:PolicyARN", "iam:PermissionsBoundary"}},
    {"iam:GetInstanceProfile"},
    {"iam:GetPolicy"},
    {"iam:GetPolicyVersion"},
    {"iam:GetRole"},
    {"iam:GetRolePolicy"},
    {"iam:GetUser"},
    {"iam:GetUserPolicy"},
    {"iam:ListAccessKeys"},
    {"iam:ListAttachedRolePolicies"},
    {"iam:ListAttachedUserPolicies"},
    {"iam:ListInstanceProfiles"},
    {"iam:ListInstanceProfilesForRole"},
    {"iam:ListPolicies"},
    {"iam:ListPolicyVersions"},
    {"iam:ListRolePolicies"},
    {"iam:ListRoles"},
    {"iam:ListUserPolicies"},
    {"iam:ListUsers"},
    {"iam:PassRole", {"iam:PassedToService", "iam:AssociatedResourceArn"}},
    {"iam:PutRolePermissionsBoundary", {"iam:PermissionsBoundary"}},
    {"iam:PutRolePolicy", {"iam:PermissionsBoundary"}},
    {"iam:PutUserPermissionsBoundary", {"iam:PermissionsBoundary"}},
    {"iam:PutUserPolicy", {"iam:PermissionsBoundary"}},
    {"iam:RemoveRoleFromInstanceProfile"},
    {"iam:SetDefaultPolicyVersion"},
    {"iam:TagInstanceProfile", tags},
    {"iam:TagPolicy", tags},
    {"iam:TagRole", tags},
    {"iam:TagUser", tags},
    {"iam:UpdateAccessKey"},
    {"iam:UpdateAssumeRolePolicy"}};

const Demand other_demands[] = {
    {"sts:AssumeRole", {"sts:RoleSessionName", "sts:ExternalId", "sts:SourceIdentity"}},
    {"sts:GetCallerIdentity"},
    {"sts:SetSourceIdentity", {"sts:RoleSessionName", "sts:ExternalId", "sts:SourceIdentity"}},
    {"sts:TagSession", {"sts:RoleSessionName", "sts:ExternalId", "aws:TagKeys"}},
    {"ec2:AssociateIamInstanceProfile"},
    {"ec2:CreateTags", {"ec2:CreateAction", "aws:RequestTag/team", "aws:TagKeys"}},
    {"ec2:DescribeIamInstanceProfileAssociations"},
    {"ec2:DescribeInstances"},
    {"ec2:DisassociateIamInstanceProfile"},
    {"ec2:ReplaceIamInstanceProfileAssociation"},
    {"ec2:RunInstances", {"ec2:InstanceType", "aws:RequestTag/team", "aws:TagKeys"}},
    {"ec2:TerminateInstances"}};

void expect_known(std::span<const Demand> demands) {
  for (const Demand& demand : demands) {
    EXPECT_EQ(action(demand.action).name, demand.action);
    for (const std::string_view name : demand.keys)
      EXPECT_TRUE(supplies(demand.action, name)) << demand.action << " " << name;
  }
}

TEST(ActionTable, KnowsEveryDemandOfLarder) {
  expect_known(demands_of_s3);
  expect_known(demands_of_iam);
  expect_known(other_demands);
}

}  // namespace
}  // namespace larder::policy
