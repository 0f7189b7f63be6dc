<?xml version="1.0"?>
<!-- Adds what `turnpike catalog export` wrote for pfSense or OPNsense to a backup of the firewall:

       xsltproc -o new.xml -stringparam rules /whole/path/turnpike.xml add-to-backup.xsl backup.xml

     Everything in the backup stays, but for aliases and rules of an earlier export, which are
     replaced. Rules are put in front of the others, because the first that matches counts. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" indent="yes"/>
  <xsl:param name="rules"/>
  <xsl:variable name="export" select="document($rules)"/>

  <xsl:template match="/">
    <xsl:if test="not($export/*) or name($export/*) != name(/*)">
      <xsl:message terminate="yes">add-to-backup: the export and the backup are not of the same firewall</xsl:message>
    </xsl:if>
    <xsl:apply-templates select="node()"/>
  </xsl:template>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="/*">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:if test="not(aliases) and $export/*/aliases">
        <xsl:copy-of select="$export/*/aliases"/>
      </xsl:if>
      <xsl:if test="not(OPNsense/Firewall/Alias) and $export/*/OPNsense">
        <xsl:message terminate="yes">add-to-backup: the backup has no aliases; make one in the firewall first</xsl:message>
      </xsl:if>
      <xsl:if test="not(filter)"><xsl:copy-of select="$export/*/filter"/></xsl:if>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="aliases">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:copy-of select="$export//aliases/alias"/>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="/*/filter">
    <xsl:copy>
      <xsl:apply-templates select="@*"/>
      <xsl:copy-of select="$export/*/filter/rule"/>
      <xsl:apply-templates select="node()"/>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="aliases/alias[starts-with(name, 'turnpike_')]"/>
  <xsl:template match="/*/filter/rule[starts-with(descr, 'turnpike: ')]"/>
</xsl:stylesheet>
