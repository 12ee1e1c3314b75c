-- The channels that rules may name, in the order of reports. One row per channel.
-- grain: channel_id
-- version: 1
select
  channel_id,
  channel_name,
  is_paid,
  sort_order,
from (
  values
    ('meta', 'Meta', true, 10),
    ('google', 'Google Ads', true, 20),
    ('tiktok', 'TikTok', true, 30),
    ('microsoft', 'Microsoft Ads', true, 40),
    ('pinterest', 'Pinterest', true, 50),
    ('snapchat', 'Snapchat', true, 60),
    ('linkedin', 'LinkedIn', true, 70),
    ('affiliate', 'Affiliate and referral', true, 80),
    ('email', 'Email', false, 90),
    ('sms', 'SMS and push', false, 100),
    ('organic', 'Organic', false, 110),
    ('direct', 'Direct', false, 120),
    ('other', 'Other', false, 130)
) as channels(channel_id, channel_name, is_paid, sort_order)
